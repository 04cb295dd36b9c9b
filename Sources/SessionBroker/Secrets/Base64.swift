internal import COpenSSL

/// Base64 (RFC 4648, 4), by OpenSSL.
enum Base64 {
    /// The bytes of a text; nil when it is no padded Base64.
    static func decode(_ text: String) -> [UInt8]? {
        let input = Array(text.utf8)
        guard input.count.isMultiple(of: 4), input.count <= Int(Int32.max) else { return nil }
        guard let first = input.first, let last = input.last else { return [] }
        // EVP_DecodeBlock passes over white space at the start.
        guard first > 0x20 else { return nil }
        let padding = last != 0x3D ? 0 : input[input.count - 2] == 0x3D ? 2 : 1
        var bytes = [UInt8](repeating: 0, count: input.count / 4 * 3)
        let count = EVP_DecodeBlock(&bytes, input, Int32(input.count))
        // It counts the padding as bytes of zero.
        guard Int(count) == bytes.count else { return nil }
        let decoded = Array(bytes.dropLast(padding))
        // It passes over more padding than there can be.
        return decoded.base64 == text ? decoded : nil
    }
}

extension [UInt8] {
    /// These bytes in Base64, padded.
    var base64: String {
        // Base64 makes 4 of every 3 bytes, and EVP_EncodeBlock ends them with a zero.
        var text = [UInt8](repeating: 0, count: (count + 2) / 3 * 4 + 1)
        let length = EVP_EncodeBlock(&text, self, Int32(count))
        return String(decoding: text.prefix(Int(length)), as: UTF8.self)
    }
}
