/// Keeps a close frame back until it is whole (RFC 6455, 5.2 and 5.5.1).
///
/// wslay takes the first two bytes of each piece of it for a code, and so misjudges the UTF-8 of a
/// reason that comes in pieces.
struct CloseFrameGate {
    /// The beginning of a header or of a close frame; at most 130 bytes.
    private var held: [UInt8] = []
    /// What is still to come of the frame that was passed on last.
    private var frameLeft: UInt64 = 0

    /// Passes on what may be, and keeps the rest for the next time.
    mutating func pass<Result>(
        _ bytes: UnsafeRawBufferPointer,
        to body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        guard !held.isEmpty else { return passJoined(bytes, to: body) }
        let joined = held + bytes
        return joined.withUnsafeBytes { passJoined($0, to: body) }
    }

    private mutating func passJoined<Result>(
        _ bytes: UnsafeRawBufferPointer,
        to body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let end = advance(over: bytes)
        held = Array(bytes[end...])
        return body(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
    }

    /// Goes from frame to frame, and returns where the bytes end that may be passed on.
    private mutating func advance(over bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        while true {
            let count = min(frameLeft, UInt64(bytes.count - offset))
            frameLeft -= count
            offset += Int(count)
            guard offset < bytes.count else { return offset }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            guard let length = Self.frameLength(rest) else { return offset }
            let isClose = rest[0] & 0x0F == 0x8 && rest[1] & 0x7F < 126
            guard !isClose || length <= rest.count else { return offset }
            frameLeft = length
        }
    }

    /// The length of a frame with its header; nil while that is not whole.
    private static func frameLength(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard bytes.count >= 2 else { return nil }
        let short = bytes[1] & 0x7F
        let extensionCount = short < 126 ? 0 : short == 126 ? 2 : 8
        let headerCount = 2 + extensionCount + (bytes[1] & 0x80 == 0 ? 0 : 4)
        guard bytes.count >= headerCount else { return nil }
        let payload =
            extensionCount == 0
            ? UInt64(short)
            : bytes[2..<2 + extensionCount].reduce(0) { $0 << 8 | UInt64($1) }
        let (length, isBeyond) = payload.addingReportingOverflow(UInt64(headerCount))
        // Nobody takes such a frame.
        return isBeyond ? .max : length
    }
}
