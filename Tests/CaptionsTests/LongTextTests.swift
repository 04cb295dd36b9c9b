import Captions
import Testing

struct LongTextTests {
    @Test(arguments: [
        ("", [""]), (" one ", ["one "]), ("one two three", ["one two", "three"]),
        ("one two  three", ["one two", "three"]), ("one  two three", ["one  two", "three"]),
        ("onetwothree", ["onetwoth", "ree"]), ("one twothree", ["one", "twothree"]),
        ("one two ", ["one two "]),
    ])
    func `a text is cut behind the last word that fits`(text: String, pieces: [String]) {
        #expect(LongText.pieces(of: text, limit: 8) == pieces)
    }

    @Test func `the cuts stay where they are when more comes`() {
        let text = (0..<200).map { String(repeating: "x", count: $0 * 7 % 11 + 1) }
            .joined(separator: " ")
        var pieces = [""]
        for character in text {
            let last = pieces.removeLast() + [character]
            pieces += LongText.pieces(of: last, limit: 20)
        }
        #expect(pieces == LongText.pieces(of: text, limit: 20))
        #expect(pieces.joined(separator: " ") == text)
        #expect(LongText.pieces(of: pieces[0] + "  ", limit: 20).count == 1)
        #expect(pieces.allSatisfy { $0.count <= 20 })
    }

    @Test func `a text that is whole ends with its last word`() {
        #expect(LongText.pieces(of: " one two \n", isWhole: true) == ["one two"])
        #expect(LongText.pieces(of: " \n", isWhole: true) == [""])
    }
}
