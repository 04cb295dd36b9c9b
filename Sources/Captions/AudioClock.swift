/// Tells when a moment of a session's audio was, on the broadcast's own time.
///
/// A session counts the audio that it got, which leaves out when nobody spoke and what was sent to
/// another session.
public struct AudioClock: Sendable {
    private struct Anchor: Sendable {
        let audioMs: Int64
        let timeMs: Int64
    }

    /// So many interruptions are remembered; earlier ones only shift times of long ago.
    private static let limit = 64
    private static let bytesPerMs: Int64 = 48

    private var anchors: [Anchor] = []
    private var bytes: Int64 = 0

    /// A session without audio.
    public init() {}

    /// How much audio there was.
    public var audioMs: Int64 { bytes / Self.bytesPerMs }

    /// Takes note of audio (PCM, 16 bits, 24 kHz) that begins at a time of the broadcast.
    public mutating func append(byteCount: Int, atMs timeMs: Int64) {
        if abs(time(ofAudioMs: audioMs) - timeMs) > 20 || anchors.isEmpty {
            anchors.append(Anchor(audioMs: audioMs, timeMs: timeMs))
            if anchors.count > Self.limit { anchors.removeFirst() }
        }
        bytes += Int64(byteCount)
    }

    /// The time of the broadcast at which a moment of the audio was.
    public func time(ofAudioMs audioMs: Int64) -> Int64 {
        guard let anchor = anchors.last(where: { $0.audioMs <= audioMs }) ?? anchors.first else {
            return audioMs
        }
        return anchor.timeMs + max(0, audioMs - anchor.audioMs)
    }
}
