internal import COpenSSL

/// SHA-256 (FIPS 180-4).
enum SHA256 {
    /// The digest of some bytes: 32 bytes.
    ///
    /// - Throws: ``OpenSSLError`` when the library cannot hash at all.
    static func digest(of bytes: [UInt8]) throws(OpenSSLError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else {
            throw .last(in: "SHA-256")
        }
        return digest
    }
}

/// HMAC-SHA-256 (RFC 2104).
enum HMACSHA256 {
    /// A code; compare codes with `==`, which takes the same time wherever they differ.
    struct Code: Sendable, Equatable {
        /// The 32 bytes.
        let bytes: [UInt8]

        /// Compares in constant time.
        static func == (left: Code, right: Code) -> Bool {
            ConstantTime.areEqual(left.bytes, right.bytes)
        }
    }

    /// The code of a message under a key.
    ///
    /// - Throws: ``OpenSSLError`` when the library cannot compute it.
    static func code(for message: [UInt8], key: SecretKey) throws(OpenSSLError) -> Code {
        try code(for: message, key: key.withSecretBytes(Array.init))
    }

    /// The code of a message under a key of any length, which others chose.
    ///
    /// - Throws: ``OpenSSLError`` when the library cannot compute it.
    static func code(for message: [UInt8], key: [UInt8]) throws(OpenSSLError) -> Code {
        var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        var length: UInt32 = 0
        let result = HMAC(
            EVP_sha256(),
            key,
            Int32(key.count),
            message,
            message.count,
            &code,
            &length
        )
        guard result != nil, Int(length) == code.count else { throw .last(in: "HMAC-SHA-256") }
        return Code(bytes: code)
    }
}

/// Comparison that does not tell by its time where two secrets differ.
enum ConstantTime {
    /// Whether two byte strings are equal; their lengths are not secret.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
