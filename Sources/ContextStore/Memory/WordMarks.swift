internal import Foundation

/// The marks of a sentence's words as a row holds them: four bytes each, little-endian.
enum WordMarks {
    static func stored(_ marks: [UInt32]) -> Data {
        var bytes = Data(capacity: 4 * marks.count)
        for mark in marks {
            withUnsafeBytes(of: mark.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    static func read(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }
}
