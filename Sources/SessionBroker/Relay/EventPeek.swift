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

    /// Whether an event is a piece of the user's audio and nothing else, to whoever reads it: each of
    /// its members is known, a text without escapes, and there once.
    static func isPlainAppend(_ event: [UInt8]) -> Bool {
        event.withUnsafeBufferPointer { bytes in
            var scanner = Scanner(bytes)
            return scanner.isPlainAppend()
        }
    }

    /// An event with another type, and everything else as it is; nil where it has none.
    static func renamed(_ event: [UInt8], to type: String) -> [UInt8]? {
        let place = event.withUnsafeBufferPointer { bytes in
            var scanner = Scanner(bytes)
            return scanner.place(of: "type")
        }
        guard let place else { return nil }
        var renamed = event
        renamed.replaceSubrange(place, with: type.utf8)
        return renamed
    }

    private struct Scanner {
        private let bytes: UnsafeBufferPointer<UInt8>
        private var place = 0

        init(_ bytes: UnsafeBufferPointer<UInt8>) {
            self.bytes = bytes
        }

        /// The text of a member of the object that the bytes are.
        mutating func member(_ name: StaticString) -> String? {
            place(of: name).flatMap(plainText)
        }

        /// Where the inside of a member's text is.
        mutating func place(of name: StaticString) -> Range<Int>? {
            guard take(UInt8(ascii: "{")) else { return nil }
            while let key = string() {
                guard take(UInt8(ascii: ":")) else { return nil }
                if isEqual(key, name) { return string() }
                guard skipValue(), take(UInt8(ascii: ",")) else { return nil }
            }
            return nil
        }

        mutating func isPlainAppend() -> Bool {
            guard take(UInt8(ascii: "{")) else { return false }
            var (hasType, hasAudio, hasID) = (false, false, false)
            repeat {
                guard let key = string(), take(UInt8(ascii: ":")), let value = string(),
                    memchr(value, UInt8(ascii: "\\")) == nil
                else { return false }
                if isEqual(key, "type"), !hasType, isEqual(value, "input_audio_buffer.append") {
                    hasType = true
                } else if isEqual(key, "audio"), !hasAudio {
                    hasAudio = true
                } else if isEqual(key, "event_id"), !hasID {
                    hasID = true
                } else {
                    return false
                }
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { return false }
            skipSpace()
            return hasType && place == bytes.count
        }

        private func memchr(_ range: Range<Int>, _ byte: UInt8) -> Int? {
            guard let base = bytes.baseAddress, !range.isEmpty else { return nil }
            let found = Glibc.memchr(base + range.lowerBound, Int32(byte), range.count)
            return found.map { UnsafeRawPointer($0) - UnsafeRawPointer(base) }
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
            memchr(place..<bytes.count, UInt8(ascii: "\""))
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
