import Foundation
import SessionBroker

/// Reads a file line by line, however long the file is.
final class LineReader {
    private let handle: FileHandle
    private var buffer = Data()
    private var isAtEnd = false

    /// Opens a file, or standard input for `-`.
    init(path: String) throws {
        if path == "-" {
            handle = .standardInput
        } else if let file = FileHandle(forReadingAtPath: path) {
            handle = file
        } else {
            throw ConfigurationError("the file cannot be read: \(path)")
        }
    }

    /// The next line without its end; nil behind the last one.
    func next() throws -> [UInt8]? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer = buffer[buffer.index(after: end)...] }
                return Array(buffer[..<end])
            }
            guard !isAtEnd else {
                defer { buffer = Data() }
                return buffer.isEmpty ? nil : Array(buffer)
            }
            let chunk = try handle.read(upToCount: 1_024 * 1_024) ?? Data()
            isAtEnd = chunk.isEmpty
            buffer = Data(buffer) + chunk
        }
    }
}
