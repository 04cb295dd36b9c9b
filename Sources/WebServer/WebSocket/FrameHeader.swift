/// The header of a frame (RFC 6455, 5.2).
struct FrameHeader: Equatable {
    /// What a frame is.
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        var isControl: Bool { rawValue >= Self.close.rawValue }
    }

    /// What holds for all frames of one sender.
    struct Rules {
        let isMasked: Bool
        let mayBeCompressed: Bool
    }

    /// What a stream begins with.
    enum Reading: Equatable {
        case incomplete
        case whole(FrameHeader, byteCount: Int)
        /// Nobody may send that.
        case damaged
    }

    let opcode: Opcode
    /// Whether it ends its message.
    let isFinal: Bool
    /// Whether its message is compressed; on the first frame of a message (RFC 7692, 6).
    let isCompressed: Bool
    let length: Int
    let mask: FrameMask?

    /// No header has more bytes.
    static let maximumCount = 14

    private static let finalBit: UInt8 = 0x80
    private static let compressedBit: UInt8 = 0x40
    private static let reservedBits: UInt8 = 0x70
    private static let maskBit: UInt8 = 0x80

    // MARK: Reading

    /// Reads a header, and finds what is wrong with it as soon as that has come.
    static func read(_ bytes: UnsafeRawBufferPointer, by rules: Rules) -> Reading {
        guard bytes.count >= 2 else { return .incomplete }
        let (first, second) = (bytes[0], bytes[1])
        guard let opcode = Opcode(rawValue: first & 0x0F) else { return .damaged }
        let isFinal = first & finalBit != 0
        let short = second & 0x7F
        // 5.5: control frames are short, and whole.
        if opcode.isControl && (!isFinal || short > 125) { return .damaged }
        let reserved = first & reservedBits
        let mayHaveBit = rules.mayBeCompressed && (opcode == .text || opcode == .binary)
        guard reserved == 0 || (reserved == compressedBit && mayHaveBit) else { return .damaged }
        guard (second & maskBit != 0) == rules.isMasked else { return .damaged }

        let lengthCount = short < 126 ? 0 : short == 126 ? 2 : 8
        let maskStart = 2 + lengthCount
        guard bytes.count >= maskStart else { return .incomplete }
        var length = UInt64(short)
        if lengthCount > 0 {
            length = bytes[2..<maskStart].reduce(0) { $0 << 8 | UInt64($1) }
            // The shortest form is the only one.
            guard length > (lengthCount == 2 ? 125 : 0xFFFF) else { return .damaged }
        }
        guard let length = Int(exactly: length) else { return .damaged }

        let count = maskStart + (rules.isMasked ? FrameMask.byteCount : 0)
        guard bytes.count >= count else { return .incomplete }
        let header = FrameHeader(
            opcode: opcode,
            isFinal: isFinal,
            isCompressed: reserved != 0,
            length: length,
            mask: rules.isMasked ? FrameMask(bytes, at: maskStart) : nil
        )
        return .whole(header, byteCount: count)
    }

    // MARK: Writing

    /// Tells a header byte by byte.
    func write(_ put: (UInt8) -> Void) {
        let compressed = isCompressed ? Self.compressedBit : 0
        put((isFinal ? Self.finalBit : 0) | compressed | opcode.rawValue)
        let masked = mask == nil ? 0 : Self.maskBit
        switch length {
        case ..<126: put(masked | UInt8(length))
        case ...0xFFFF:
            put(masked | 126)
            for shift in [8, 0] { put(UInt8(truncatingIfNeeded: length >> shift)) }
        default:
            put(masked | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                put(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
        mask?.write(put)
    }
}
