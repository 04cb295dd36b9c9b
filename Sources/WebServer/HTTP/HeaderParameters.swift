/// The parameters of a header field such as `form-data; name="sdp"` (RFC 9110, 5.6.6).
public struct HeaderParameters: Sendable, Equatable {
    /// What stands before the first semicolon, in small letters.
    public let value: String
    private var parameters: [String: String] = [:]

    /// Reads a field's value; anything is one.
    public init(_ field: String) {
        var pieces = Self.split(field)
        value = pieces.removeFirst().trimmed.lowercased()
        for piece in pieces {
            guard let sign = piece.firstIndex(of: "=") else { continue }
            let name = String(piece[..<sign]).trimmed.lowercased()
            // The first of two counts, so that nothing behind it can change what was said.
            guard parameters[name] == nil else { continue }
            parameters[name] = Self.unquoted(String(piece[piece.index(after: sign)...]).trimmed)
        }
    }

    /// A parameter's value without its quotes; names are in small letters.
    public subscript(name: String) -> String? { parameters[name] }

    /// The pieces between semicolons that are in no quotes; at least one.
    private static func split(_ field: String) -> [String] {
        var pieces = [""]
        var isQuoted = false
        var isEscaped = false
        for scalar in field.unicodeScalars {
            if scalar == ";", !isQuoted {
                pieces.append("")
                continue
            }
            if scalar == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && scalar == "\\" && !isEscaped
            pieces[pieces.count - 1].unicodeScalars.append(scalar)
        }
        return pieces
    }

    private static func unquoted(_ text: String) -> String {
        guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        var result = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if character == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            isEscaped = false
            result.append(character)
        }
        return result
    }
}
