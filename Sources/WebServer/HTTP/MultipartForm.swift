public import JSON

/// A `multipart/form-data` body (RFC 7578), read whole.
///
/// Lines may end with CRLF or LF, and text before the first delimiter and behind the last is
/// skipped, as RFC 2046, 5.1.1 asks. The bound of the body bounds its parts.
public struct MultipartForm: Sendable {
    /// One field of the form.
    public struct Part: Sendable {
        /// Its name.
        public let name: String
        /// Its content, as it came.
        public let body: [UInt8]
    }

    private static let partLimit = 16
    private static let boundaryLimitBytes = 70

    /// The fields, in order.
    public let parts: [Part]

    /// Reads a body.
    ///
    /// - Parameters:
    ///   - body: All of it.
    ///   - contentType: The request's `Content-Type`, which names the boundary.
    /// - Throws: `JSONError` when the boundary is missing, or the body is not as it says.
    public init(_ body: [UInt8], contentType: String) throws(JSONError) {
        guard let boundary = HeaderParameters(contentType)["boundary"],
            (1...Self.boundaryLimitBytes).contains(boundary.utf8.count)
        else { throw Self.error("The Content-Type names no boundary of 1 to 70 bytes.") }
        let delimiter = Array("--\(boundary)".utf8)
        var parts: [Part] = []
        var start: Int?
        for line in Lines(body) {
            guard let kind = Self.delimiter(body[line.range], delimiter) else { continue }
            if let start {
                parts.append(try Self.part(body[start..<max(start, line.endOfPrevious)]))
                guard parts.count <= Self.partLimit else {
                    throw Self.error("A form has at most \(Self.partLimit) parts.")
                }
            }
            guard kind == .inner else {
                self.parts = parts
                return
            }
            start = line.next
        }
        throw Self.error("The form's last delimiter is missing.")
    }

    /// The only part of a name; nil when there is none.
    ///
    /// - Throws: `JSONError` when there are several.
    public func body(of name: String) throws(JSONError) -> [UInt8]? {
        let found = parts.filter { $0.name == name }
        guard found.count <= 1 else {
            throw JSONError(
                code: "invalid_value",
                message: "The form has more than one part '\(name)'.",
                param: name
            )
        }
        return found.first?.body
    }

    // MARK: Reading

    private enum Delimiter {
        case inner, last
    }

    /// What a line is, without its end; white space may follow a delimiter.
    private static func delimiter(_ line: ArraySlice<UInt8>, _ delimiter: [UInt8]) -> Delimiter? {
        guard line.starts(with: delimiter) else { return nil }
        let rest = line.dropFirst(delimiter.count)
        let isLast = rest.starts(with: "--".utf8)
        let padding = isLast ? rest.dropFirst(2) : rest
        guard padding.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return nil }
        return isLast ? .last : .inner
    }

    /// Header lines, an empty line, and the content.
    private static func part(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> Part {
        var name: String?
        for line in Lines(Array(bytes)) {
            let text = String(decoding: bytes[shifted: line.range], as: UTF8.self)
            if text.isEmpty {
                guard let name else { throw error("A part of the form has no name.") }
                return Part(name: name, body: Array(bytes[shifted: line.next..<bytes.count]))
            }
            let pieces = text.split(separator: ":", maxSplits: 1)
            guard pieces.count == 2, pieces[0].lowercased() == "content-disposition" else {
                continue
            }
            name = HeaderParameters(String(pieces[1]))["name"]
        }
        throw error("A part of the form has no empty line behind its header.")
    }

    private static func error(_ message: String) -> JSONError {
        JSONError(code: "invalid_multipart_form", message: message)
    }
}

/// The lines of some bytes, which end with CRLF, LF or the last byte.
private struct Lines: Sequence, IteratorProtocol {
    struct Line {
        /// Without its end.
        let range: Range<Int>
        let next: Int
        /// Where the line before ended, its own end not counted.
        let endOfPrevious: Int
    }

    private let bytes: [UInt8]
    private var start = 0
    private var endOfPrevious = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> Line? {
        guard start < bytes.count else { return nil }
        let feed = bytes[start...].firstIndex(of: 0x0A)
        var end = feed ?? bytes.count
        if feed != nil, end > start, bytes[end - 1] == 0x0D { end -= 1 }
        let line = Line(
            range: start..<end,
            next: feed.map { $0 + 1 } ?? bytes.count,
            endOfPrevious: endOfPrevious
        )
        start = line.next
        endOfPrevious = end
        return line
    }
}

extension ArraySlice<UInt8> {
    /// A range that counts from this slice's own beginning.
    fileprivate subscript(shifted range: Range<Int>) -> ArraySlice<UInt8> {
        self[startIndex + range.lowerBound..<startIndex + range.upperBound]
    }
}
