import JSON
import Testing

@Suite struct JSONParsingTests {
    @Test(arguments: [
        #"null"#, #"true"#, #"-12"#, #"9223372036854775807"#, #"0.1"#, #"1e+20"#,
        #""a\"b\\c\n\u001f é 😀""#, #"[1,[],{}]"#, #"{"z":1,"a":{"m":[null]},"b":"x"}"#,
    ])
    func `what was parsed is written as it was`(text: String) throws {
        #expect(try JSONValue(parsing: text.utf8).text == text)
    }

    @Test func `keys keep their order`() throws {
        let value = try JSONValue(parsing: #"{"z":1,"a":2,"m":3}"#.utf8)
        #expect(value.objectValue?.members.map(\.key) == ["z", "a", "m"])
    }

    @Test func `keys that look the same are different when their bytes are`() throws {
        let text = "{\"\u{E9}\":1,\"e\u{301}\":2}"
        var value = try JSONValue(parsing: text.utf8)
        #expect(value == value)
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        var object = try #require(value.objectValue)
        object["e\u{301}"] = 3
        value = .object(object)
        #expect(value.text == "{\"\u{E9}\":1,\"e\u{301}\":3}")
    }

    @Test func `objects have a bound, and are compared whatever their order`() throws {
        func text(_ numbers: some Sequence<Int>) -> [UInt8] {
            Array("{\(numbers.map { "\"\($0)\":\($0)" }.joined(separator: ","))}".utf8)
        }
        let most = JSONObject.maximumMembers
        let value = try JSONValue(parsing: text(0..<most))
        #expect(try JSONValue(parsing: text(0..<most)) == value)
        #expect(try JSONValue(parsing: text((0..<most).reversed())) == value)
        #expect(try JSONValue(parsing: text(1...most)) != value)
        #expect(throws: JSONError.self) { try JSONValue(parsing: text(0...most)) }
    }

    @Test(arguments: [
        "", " ", "{", #"{"a":}"#, #"{"a":1,}"#, "[1 2]", "{} x", "nul", "01", "1.", "+1",
        #""\ud800""#, "\"a\nb\"", #"{"a":1,"a":2}"#, #""\u0000""#, "99999999999999999999", "1e999",
        "'a'", "// c\n1", "NaN",
    ])
    func `text that is not JSON is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8) }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x00],
        [0x22, 0x00, 0x22],
    ])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    @Test func `nesting has a bound`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeating: UInt8(ascii: "["), count: depth)
                + Array(repeating: UInt8(ascii: "]"), count: depth)
        }
        #expect(try JSONValue(parsing: nested(64)) != .null)
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(65)) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(1_000_000)) }
    }

    /// Property: parsing what was written gives the same value, for values made at random.
    @Test func `written values parse to themselves`() throws {
        var random = SeededGenerator(seed: 42)
        for _ in 0..<2_000 {
            let value = JSONValue.random(depth: 4, using: &random)
            #expect(try JSONValue(parsing: value.bytes) == value)
        }
    }

    /// Property: damaged text is refused or parsed, and never traps.
    @Test func `damaged text never traps`() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<5_000 {
            var bytes = JSONValue.random(depth: 3, using: &random).bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            #expect(try JSONValue(parsing: value.bytes) == value)
        }
    }
}
