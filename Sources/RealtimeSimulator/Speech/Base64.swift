internal import COpenSSL

/// Base64 (RFC 4648, 4), by OpenSSL.
enum Base64 {
    static func encode(_ bytes: some Collection<UInt8>) -> String {
        let input = Array(bytes)
        guard !input.isEmpty else { return "" }
        return String(unsafeUninitializedCapacity: (input.count + 2) / 3 * 4 + 1) { buffer in
            // The zero that EVP_EncodeBlock ends with is not counted.
            Int(EVP_EncodeBlock(buffer.baseAddress, input, Int32(input.count)))
        }
    }

    /// The bytes of a text; nil when it is no padded Base64.
    static func decode(_ text: String) -> [UInt8]? {
        var copy = text
        return copy.withUTF8 { input in
            guard input.count % 4 == 0 else { return nil }
            guard let last = input.last, let start = input.first, start > 0x20 else { return [] }
            let padding = last != 0x3D ? 0 : input[input.count - 2] == 0x3D ? 2 : 1
            var isValid = true
            let bytes = [UInt8](unsafeUninitializedCapacity: input.count / 4 * 3) { buffer, count in
                let decoded = EVP_DecodeBlock(
                    buffer.baseAddress,
                    input.baseAddress,
                    Int32(input.count)
                )
                isValid = Int(decoded) == input.count / 4 * 3
                count = isValid ? Int(decoded) - padding : 0
            }
            return isValid ? bytes : nil
        }
    }
}
