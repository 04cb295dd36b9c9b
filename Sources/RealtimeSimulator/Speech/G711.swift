/// Audio of telephones: 8 bits a sample, logarithmic (ITU-T G.711).
enum G711 {
    private static let muLawTable = (0...255).map { decodeMuLaw(UInt8($0)) }
    private static let aLawTable = (0...255).map { decodeALaw(UInt8($0)) }

    static func decode(_ byte: UInt8, _ format: AudioFormat) -> Int16 {
        format == .pcmu ? muLawTable[Int(byte)] : aLawTable[Int(byte)]
    }

    static func encode(_ sample: Int16, _ format: AudioFormat) -> UInt8 {
        format == .pcmu ? encodeMuLaw(sample) : encodeALaw(sample)
    }

    private static func decodeMuLaw(_ byte: UInt8) -> Int16 {
        let bits = Int(~byte)
        let magnitude = (((bits & 0x0F) << 3) + 0x84) << ((bits & 0x70) >> 4)
        return Int16(bits & 0x80 != 0 ? 0x84 - magnitude : magnitude - 0x84)
    }

    private static func encodeMuLaw(_ sample: Int16) -> UInt8 {
        let magnitude = min(abs(Int(sample)), 32_635) + 0x84
        // The segment is the place of the highest bit, counted from bit 7.
        let segment = Int.bitWidth - 1 - magnitude.leadingZeroBitCount - 7
        let bits = (sample < 0 ? 0x80 : 0) | segment << 4 | (magnitude >> (segment + 3)) & 0x0F
        return ~UInt8(bits)
    }

    private static func decodeALaw(_ byte: UInt8) -> Int16 {
        let bits = Int(byte ^ 0x55)
        let segment = (bits & 0x70) >> 4
        let mantissa = (bits & 0x0F) << 4
        let magnitude = segment == 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1)
        return Int16(bits & 0x80 != 0 ? magnitude : -magnitude)
    }

    private static func encodeALaw(_ sample: Int16) -> UInt8 {
        let magnitude = sample < 0 ? min(-(Int(sample) + 1), 32_767) : Int(sample)
        let segment = magnitude < 256 ? 0 : Int.bitWidth - 1 - magnitude.leadingZeroBitCount - 7
        let mantissa = (magnitude >> (segment == 0 ? 4 : segment + 3)) & 0x0F
        return UInt8((sample < 0 ? 0 : 0x80) | segment << 4 | mantissa) ^ 0x55
    }
}
