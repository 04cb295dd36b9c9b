internal import Glibc

/// Reads the `type` of an event without parsing the event.
///
/// Audio makes up nearly all of what a relay carries, and none of it is looked into: strings are
/// passed over from quote to quote. Whether the rest is JSON is for the receiver to say.
enum EventPeek {
    /// The top-level `type`; nil where the text is no object with one, or has an escape in it.
    static func type(of event: [UInt8]) -> String? {
        event.withUnsafeBufferPointer { bytes in
            var scanner = Scanner(bytes)
            return scanner.member("type")
        }
    }

    /// The top-level `event_id`; nil as above.
    static func id(of event: [UInt8]) -> String? {
        event.withUnsafeBufferPointer { bytes in
            var scanner = Scanner(bytes)
            return scanner.member("event_id")
        }
    }

    private struct Scanner {
        private let bytes: UnsafeBufferPointer<UInt8>
        private var place = 0

        init(_ bytes: UnsafeBufferPointer<UInt8>) {
            self.bytes = bytes
        }

        /// The text of a member of the object that the bytes are.
        mutating func member(_ name: StaticString) -> String? {
            guard take(UInt8(ascii: "{")) else { return nil }
            while let key = string() {
                guard take(UInt8(ascii: ":")) else { return nil }
                if isEqual(key, name) { return string().flatMap(plainText) }
                guard skipValue(), take(UInt8(ascii: ",")) else { return nil }
            }
            return nil
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard place < bytes.count, bytes[place] == byte else { return false }
            place += 1
            return true
        }

        private mutating func skipSpace() {
            while place < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[place]) {
                place += 1
            }
        }

        /// The inside of the string that is next.
        private mutating func string() -> Range<Int>? {
            guard take(UInt8(ascii: "\"")) else { return nil }
            let start = place
            while let quote = nextQuote() {
                place = quote + 1
                if !isEscaped(quote, from: start) { return start..<quote }
            }
            return nil
        }

        private func nextQuote() -> Int? {
            guard let base = bytes.baseAddress, place < bytes.count else { return nil }
            let found = memchr(base + place, Int32(UInt8(ascii: "\"")), bytes.count - place)
            return found.map { UnsafeRawPointer($0) - UnsafeRawPointer(base) }
        }

        /// Whether an odd number of backslashes stands before.
        private func isEscaped(_ quote: Int, from start: Int) -> Bool {
            var first = quote
            while first > start, bytes[first - 1] == UInt8(ascii: "\\") { first -= 1 }
            return (quote - first) % 2 == 1
        }

        private mutating func skipValue() -> Bool {
            skipSpace()
            guard place < bytes.count else { return false }
            switch bytes[place] {
            case UInt8(ascii: "\""): return string() != nil
            case UInt8(ascii: "{"), UInt8(ascii: "["): return skipNested()
            default:
                while place < bytes.count, bytes[place] != UInt8(ascii: ","),
                    bytes[place] != UInt8(ascii: "}")
                {
                    place += 1
                }
                return true
            }
        }

        private mutating func skipNested() -> Bool {
            var depth = 0
            while place < bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "\""):
                    guard string() != nil else { return false }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                place += 1
                if depth == 0 { return true }
            }
            return false
        }

        private func isEqual(_ range: Range<Int>, _ name: StaticString) -> Bool {
            name.withUTF8Buffer { $0.elementsEqual(bytes[range]) }
        }

        private func plainText(_ range: Range<Int>) -> String? {
            let text = bytes[range]
            return text.contains(UInt8(ascii: "\\")) ? nil : String(decoding: text, as: UTF8.self)
        }
    }
}
