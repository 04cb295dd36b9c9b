internal import WebServer

/// A stretch of the speaker's audio at 24 kHz, encoded once for all upstream sessions.
struct AudioFrame: Sendable {
    /// What a frame has as a rule: 100 ms.
    static let byteCount = 4_800
    private static let bytesPerMs: Int64 = 48
    /// What is softer than this is silence: 36 dB below full scale.
    private static let loudness = 512

    var startMs: Int64
    let byteCount: Int
    /// Whether something can be heard in it.
    let isLoud: Bool
    private let base64: String

    var endMs: Int64 { startMs + Int64(byteCount) / Self.bytesPerMs }

    /// A frame of PCM that begins at a time of the broadcast.
    init(_ bytes: [UInt8], startMs: Int64) {
        self.startMs = startMs
        byteCount = bytes.count
        base64 = bytes.base64
        isLoud = stride(from: 0, to: bytes.count - 1, by: 2).contains { index in
            let sample = Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)
            return abs(Int(sample)) > Self.loudness
        }
    }

    /// The event that carries it to upstream.
    func message(as type: String, id: String) -> WebSocketMessage {
        // None of these needs escapes.
        .text("{\"type\":\"\(type)\",\"event_id\":\"\(id)\",\"audio\":\"\(base64)\"}")
    }
}

/// When something was heard last, as long as nothing was: long before the beginning.
let nothingHeardMs: Int64 = -1_000_000
