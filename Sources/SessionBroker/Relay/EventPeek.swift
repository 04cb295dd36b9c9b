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

    /// The top-level `type` as above, where there is no other way to read it: nil also when it is there
    /// twice, when a name has an escape in it, or when the text is no whole object.
    static func soleType(of event: [UInt8]) -> String? {
        event.withUnsafeBufferPointer { bytes in
            var scanner = Scanner(bytes)
            return scanner.placeOfSole("type").flatMap(scanner.plainText)
        }
    }

    /// Whether an event is a piece of the user's audio, and cannot be read as anything else.
    static func isInputAudio(_ event: [UInt8]) -> Bool {
        event.withUnsafeBufferPointer { bytes in
            var scanner = Scanner(bytes)
            guard let place = scanner.placeOfSole("type") else { return false }
            return scanner.isEqual(place, "input_audio_buffer.append")
        }
    }

    /// Whether an event is a piece of an answer's audio, under today's name or the beta's.
    static func isOutputAudio(_ event: [UInt8]) -> Bool {
        event.withUnsafeBufferPointer { bytes in
            var scanner = Scanner(bytes)
            guard let place = scanner.place(of: "type") else { return false }
            return scanner.isEqual(place, "response.output_audio.delta")
                || scanner.isEqual(place, "response.audio.delta")
        }
    }

    /// The length of the top-level `delta`, in bytes; 0 where there is none.
    static func deltaCount(of event: [UInt8]) -> Int {
        event.withUnsafeBufferPointer { bytes in
            var scanner = Scanner(bytes)
            return scanner.place(of: "delta")?.count ?? 0
        }
    }

    /// The top-level `event_id`; nil where there is none, or one with an escape in it.
    static func id(of event: [UInt8]) -> String? {
        event.withUnsafeBufferPointer { bytes in
            var scanner = Scanner(bytes)
            return scanner.member("event_id")
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

        /// The same where it is the only one of its name, and all other names are plain.
        mutating func placeOfSole(_ name: StaticString) -> Range<Int>? {
            guard take(UInt8(ascii: "{")) else { return nil }
            var found: Range<Int>?
            while let key = string() {
                guard take(UInt8(ascii: ":")), !hasEscape(key) else { return nil }
                if isEqual(key, name) {
                    guard found == nil, let value = string() else { return nil }
                    found = value
                } else {
                    guard skipValue() else { return nil }
                }
                guard take(UInt8(ascii: ",")) else { return isAtEnd() ? found : nil }
            }
            return nil
        }

        /// Whether the object ends here, and nothing stands behind it.
        private mutating func isAtEnd() -> Bool {
            guard take(UInt8(ascii: "}")) else { return false }
            skipSpace()
            return place == bytes.count
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard place < bytes.count, bytes[place] == byte else { return false }
            place += 1
            return true
        }

        private mutating func skipSpace() {
            while place < bytes.count {
                switch bytes[place] {
                case 0x20, 0x0A, 0x0D, 0x09: place += 1
                default: return
                }
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

        func isEqual(_ range: Range<Int>, _ name: StaticString) -> Bool {
            guard range.count == name.utf8CodeUnitCount, let base = bytes.baseAddress else {
                return false
            }
            return memcmp(base + range.lowerBound, name.utf8Start, range.count) == 0
        }

        func plainText(_ range: Range<Int>) -> String? {
            hasEscape(range) ? nil : String(decoding: bytes[range], as: UTF8.self)
        }

        private func hasEscape(_ range: Range<Int>) -> Bool {
            bytes[range].contains(UInt8(ascii: "\\"))
        }
    }
}
