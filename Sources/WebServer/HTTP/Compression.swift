internal import CZlib

/// gzip of answers where it is worth it (RFC 9110, 8.4.1.3).
enum Compression {
    /// Smaller bodies fit one packet anyway.
    private static let minimumBytes = 1_024

    /// The answer, compressed when it may be, the client takes it, and it gets smaller.
    static func apply(to response: HTTPResponse, _ request: HTTPRequest) -> HTTPResponse {
        guard response.isCompressible, case .bytes(let bytes) = response.body,
            bytes.count >= minimumBytes
        else { return response }
        var response = response
        response.headers.add("Vary", "Accept-Encoding")
        guard accepts(request), let compressed = gzip(bytes), compressed.count < bytes.count else {
            return response
        }
        response.headers["Content-Encoding"] = "gzip"
        // The compressed form is another representation: a strong tag would be wrong for both.
        if let tag = response.headers["ETag"], !tag.hasPrefix("W/") {
            response.headers["ETag"] = "W/" + tag
        }
        response.body = .bytes(compressed)
        return response
    }

    private static func accepts(_ request: HTTPRequest) -> Bool {
        request.headers.values(of: "Accept-Encoding").contains { value in
            value.split(separator: ",").contains { entry in
                let parts = entry.split(separator: ";").map { String($0).trimmed.lowercased() }
                return parts.first == "gzip" && !parts.dropFirst().contains("q=0")
            }
        }
    }

    /// The bytes in gzip form; nil when zlib refuses, which its manual allows for lack of memory.
    static func gzip(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        // https://zlib.net/manual.html#Advanced: 15 window bits + 16 makes a gzip header.
        let opened = deflateInit2_(
            &stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            15 + 16,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard opened == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        let result = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard result == Z_STREAM_END else { return nil }
        output.removeLast(output.count - Int(stream.total_out))
        return output
    }
}
