internal import COpenSSL

/// Authenticated encryption of short values: AES-256-GCM (NIST SP 800-38D).
///
/// A box is a random nonce of 12 bytes, the ciphertext, and a tag of 16 bytes. Associated data is
/// not in the box, but it must be the same on opening: it ties a box to its place, for example a
/// row's id. Random nonces bound one key to about 2^32 boxes.
enum SealedBox {
    /// Why a box stayed shut.
    enum OpenError: Error {
        /// Not a box, another key, other associated data, or changed bytes; they cannot be told apart.
        case notAuthentic
        /// OpenSSL could not work at all.
        case library(OpenSSLError)
    }

    private static let nonceCount = 12
    private static let tagCount = 16

    /// Encrypts; the result is 28 bytes longer.
    ///
    /// - Throws: ``OpenSSLError`` when there is no randomness or no memory.
    static func seal(
        _ plaintext: [UInt8],
        key: SecretKey,
        associatedData: [UInt8] = []
    ) throws(OpenSSLError) -> [UInt8] {
        let nonce = try SecureRandom.bytes(nonceCount)
        let context = try CipherContext(.seal, key: key, nonce: nonce)
        guard context.authenticate(associatedData),
            let ciphertext = context.update(plaintext),
            context.finish()
        else { throw .last(in: "AES-GCM seal") }
        var tag = [UInt8](repeating: 0, count: tagCount)
        guard context.control(EVP_CTRL_AEAD_GET_TAG, &tag) else { throw .last(in: "AES-GCM tag") }
        return nonce + ciphertext + tag
    }

    /// Decrypts a box that ``seal(_:key:associatedData:)`` made with the same key and data.
    ///
    /// - Throws: ``OpenError``; nothing of the plaintext is returned unless all of it is authentic.
    static func open(
        _ box: [UInt8],
        key: SecretKey,
        associatedData: [UInt8] = []
    ) throws(OpenError) -> [UInt8] {
        guard box.count >= nonceCount + tagCount else { throw .notAuthentic }
        let context: CipherContext
        do {
            context = try CipherContext(.open, key: key, nonce: Array(box.prefix(nonceCount)))
        } catch {
            throw .library(error)
        }
        let ciphertext = Array(box.dropFirst(nonceCount).dropLast(tagCount))
        var tag = Array(box.suffix(tagCount))
        guard context.authenticate(associatedData),
            let plaintext = context.update(ciphertext),
            context.control(EVP_CTRL_AEAD_SET_TAG, &tag)
        else { throw .library(.last(in: "AES-GCM open")) }
        guard context.finish() else {
            ERR_clear_error()
            throw .notAuthentic
        }
        return plaintext
    }
}

/// Owns one `EVP_CIPHER_CTX` for one message.
private final class CipherContext {
    enum Direction: Int32 {
        case open = 0
        case seal = 1
    }

    /// An `EVP_CIPHER_CTX *`.
    private let pointer: OpaquePointer

    init(_ direction: Direction, key: SecretKey, nonce: [UInt8]) throws(OpenSSLError) {
        guard let pointer = EVP_CIPHER_CTX_new() else { throw .last(in: "EVP_CIPHER_CTX_new") }
        self.pointer = pointer
        let isReady = key.withSecretBytes {
            EVP_CipherInit_ex(
                pointer,
                EVP_aes_256_gcm(),
                nil,
                $0.baseAddress,
                nonce,
                direction.rawValue
            ) == 1
        }
        guard isReady else { throw .last(in: "AES-GCM init") }
    }

    deinit {
        EVP_CIPHER_CTX_free(pointer)
    }

    /// Mixes in data that is not encrypted: an update without an output (EVP_EncryptInit(3), AEAD).
    func authenticate(_ data: [UInt8]) -> Bool {
        guard !data.isEmpty else { return true }
        var length: Int32 = 0
        return EVP_CipherUpdate(pointer, nil, &length, data, Int32(data.count)) == 1
    }

    /// GCM is a stream mode: as many bytes come out as go in.
    func update(_ input: [UInt8]) -> [UInt8]? {
        guard !input.isEmpty else { return [] }
        var output = [UInt8](repeating: 0, count: input.count)
        var length: Int32 = 0
        let result = EVP_CipherUpdate(pointer, &output, &length, input, Int32(input.count))
        return result == 1 && Int(length) == output.count ? output : nil
    }

    func finish() -> Bool {
        // GCM writes nothing here, but OpenSSL wants room for a block.
        var rest = [UInt8](repeating: 0, count: 16)
        var length: Int32 = 0
        return EVP_CipherFinal_ex(pointer, &rest, &length) == 1
    }

    func control(_ command: Int32, _ bytes: inout [UInt8]) -> Bool {
        EVP_CIPHER_CTX_ctrl(pointer, command, Int32(bytes.count), &bytes) == 1
    }
}
