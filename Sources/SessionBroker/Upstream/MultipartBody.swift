/// A `multipart/form-data` body to send (RFC 7578).
struct MultipartBody: Sendable {
    /// One field of the form.
    struct Part: Sendable {
        let name: String
        let contentType: String
        let body: [UInt8]
    }

    /// The header field that goes with it.
    let contentType: String
    /// The body.
    let bytes: [UInt8]

    /// Puts parts together; names and types are ours, so that nothing in them needs an escape.
    ///
    /// 128 random bits between the parts are in none of them.
    init(_ parts: [Part], boundary: String = Self.makeBoundary()) {
        contentType = "multipart/form-data; boundary=\(boundary)"
        var bytes: [UInt8] = []
        for part in parts {
            bytes += Array(
                """
                --\(boundary)\r
                Content-Disposition: form-data; name="\(part.name)"\r
                Content-Type: \(part.contentType)\r
                \r\n
                """.utf8
            )
            bytes += part.body
            bytes += Array("\r\n".utf8)
        }
        bytes += Array("--\(boundary)--\r\n".utf8)
        self.bytes = bytes
    }

    private static func makeBoundary() -> String {
        let random = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }
        return "part-" + random.joined()
    }
}
