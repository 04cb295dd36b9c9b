/// Finds out whether text that comes in pieces is UTF-8 (RFC 6455, 8.1), as early as that can be said.
struct UTF8Check {
    /// So many bytes are whole characters.
    private var checkedCount = 0

    /// Looks at what is new in a text.
    ///
    /// - Parameters:
    ///   - text: All that has come.
    ///   - isWhole: Whether nothing will come, so that no character may be cut.
    /// - Returns: False when it is no UTF-8, whatever may come.
    mutating func check(_ text: [UInt8], isWhole: Bool) -> Bool {
        checkedCount = Self.endOfASCII(text, from: checkedCount)
        guard checkedCount < text.count else { return true }
        let rest = text.span.extracting(checkedCount...)
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: rest)
            checkedCount = text.count
            return true
        } catch {
            let isCutAtEnd =
                error.kind == .truncatedScalar && error.byteOffsets.upperBound == rest.count
            guard isCutAtEnd, !isWhole else { return false }
            checkedCount += error.byteOffsets.lowerBound
            return true
        }
    }

    /// Where ASCII ends, or a little before; audio is all ASCII.
    private static func endOfASCII(_ text: [UInt8], from start: Int) -> Int {
        text.withUnsafeBytes { bytes in
            var place = start
            while place + 32 <= bytes.count {
                let words = bytes.loadUnaligned(fromByteOffset: place, as: SIMD4<UInt64>.self)
                let high = (words[0] | words[1] | words[2] | words[3]) & 0x8080_8080_8080_8080
                guard high == 0 else { return place }
                place += 32
            }
            while place < bytes.count, bytes[place] < 0x80 { place += 1 }
            return place
        }
    }
}
