internal import COpenSSL

/// Random bytes that cannot be guessed, from OpenSSL's generator, seeded by the kernel.
enum SecureRandom {
    /// A number of random bytes; safe on any thread.
    ///
    /// - Throws: ``OpenSSLError`` when the generator could not be seeded; there is no fallback.
    static func bytes(_ count: Int) throws(OpenSSLError) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max))
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw .last(in: "RAND_bytes") }
        return bytes
    }
}
