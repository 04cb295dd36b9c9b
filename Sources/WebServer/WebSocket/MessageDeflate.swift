internal import CZlib

/// One message, deflated and inflated on its own (RFC 7692, 7.2); pure.
///
/// https://zlib.net/manual.html
enum MessageDeflate {
    /// Why a message cannot be inflated.
    enum Failure: Error, Equatable {
        /// It is no deflate data.
        case damaged
        /// It is longer than it may be.
        case tooLong
    }

    /// What every deflated message ends with, and none is sent with (7.2.1, step 3).
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    /// The message deflated; nil when that is not shorter, or memory is out.
    static func deflated(_ bytes: [UInt8], windowBits: Int32) -> [UInt8]? {
        guard bytes.count < Int(UInt32.max) else { return nil }
        var stream = z_stream()
        // Raw deflate has negative window bits.
        let opened = deflateInit2_(
            &stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            -windowBits,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard opened == Z_OK else { return nil }
        defer { CZlib.deflateEnd(&stream) }
        var input = bytes
        // As long as the message at most: what does not fit is not worth it.
        var output = [UInt8](repeating: 0, count: bytes.count)
        let isWhole = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                let result = CZlib.deflate(&stream, Z_SYNC_FLUSH)
                // A full output may hide more of the flush.
                return result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0
            }
        }
        let count = output.count - Int(stream.avail_out)
        guard isWhole, output[..<count].suffix(tail.count).elementsEqual(tail) else { return nil }
        output.removeSubrange((count - tail.count)...)
        return output
    }

    /// The message inflated, at most `limit` bytes of it.
    static func inflated(
        _ bytes: UnsafeBufferPointer<UInt8>,
        limit: Int
    ) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        let opened = inflateInit2_(
            &stream,
            -15,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard opened == Z_OK else { throw .damaged }
        defer { inflateEnd(&stream) }
        var input = Array(bytes) + tail
        var output: [UInt8] = []
        // Grows with what comes out, not with what a sender claims.
        var piece = [UInt8](repeating: 0, count: min(65_536, limit + 1))
        let failure: Failure? = input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            // Each round takes or makes a byte, or is an error.
            while true {
                let result = inflatePiece(&stream, &piece)
                output += piece.prefix(piece.count - Int(stream.avail_out))
                guard output.count <= limit else { return .tooLong }
                switch result {
                case Z_OK: if stream.avail_in == 0, isBetweenBlocks(stream) { return nil }
                // 7.2.3.4: a sender may end its deflate stream within a message.
                case Z_STREAM_END where stream.avail_in > 0:
                    guard inflateReset(&stream) == Z_OK else { return .damaged }
                default: return .damaged
                }
            }
        }
        if let failure { throw failure }
        return output
    }

    /// Whether the tail was read as the empty block that it is, and not as the rest of another.
    private static func isBetweenBlocks(_ stream: z_stream) -> Bool {
        // https://zlib.net/manual.html, inflate: 128 is added at a block's end.
        stream.data_type & 128 != 0
    }

    private static func inflatePiece(_ stream: inout z_stream, _ piece: inout [UInt8]) -> Int32 {
        piece.withUnsafeMutableBufferPointer { target in
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            return CZlib.inflate(&stream, Z_SYNC_FLUSH)
        }
    }
}
