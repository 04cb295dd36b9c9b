import JSON
import Testing

@Suite struct JSONReaderTests {
    private enum Colour: String, CaseIterable { case red, green }

    @Test func `members are read with their types`() throws {
        var reader = JSONReader([
            "s": "x", "i": 3, "whole": 4.0, "d": 1.5, "b": true, "c": "green", "a": [1],
            "o": ["k": 1], "n": nil,
        ])
        #expect(try reader.string("s") == "x")
        #expect(try reader.integer("i") == 3)
        #expect(try reader.integer("whole") == 4)
        #expect(try reader.double("d") == 1.5)
        #expect(try reader.bool("b") == true)
        #expect(try reader.choice("c", Colour.self) == .green)
        #expect(try reader.array("a") == [1])
        #expect(try reader.object("o") == ["k": 1])
        #expect(try reader.string("n") == nil)
        #expect(reader.has("n") && !reader.has("absent"))
        try reader.finish()
    }

    @Test func `a wrong type names the member by its path`() throws {
        var reader = JSONReader(["role": 1], path: "messages[3]")
        #expect {
            _ = try reader.string("role")
        } throws: { error in
            let error = error as? JSONError
            return error?.param == "messages[3].role" && error?.code == "invalid_type"
        }
    }

    @Test func `bounds are kept`() throws {
        var reader = JSONReader(["s": "abcd", "i": 11, "c": "blue"])
        #expect(throws: JSONError.self) { try reader.string("s", bytes: 1...3) }
        #expect(throws: JSONError.self) { try reader.integer("i", in: 1...10) }
        #expect(throws: JSONError.self) { try reader.choice("c", Colour.self) }
    }

    @Test func `a member that nobody asked for is refused`() throws {
        var reader = JSONReader(["title": "x", "titel": "y"])
        _ = try reader.string("title")
        #expect {
            try reader.finish()
        } throws: { error in
            (error as? JSONError)?.param == "titel"
                && (error as? JSONError)?.code == "unknown_parameter"
        }
    }
}
