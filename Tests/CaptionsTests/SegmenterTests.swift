import Captions
import Testing

struct SegmenterTests {
    /// The captions that pieces make; what is still open is last, with a mark.
    private func captions(_ pieces: [String], thenPause: Bool = false) -> [String] {
        var segmenter = Segmenter()
        var captions: [String] = []
        var current = ""
        let changes =
            pieces.flatMap { segmenter.append($0) } + (thenPause ? segmenter.pause() : [])
        for change in changes {
            switch change {
            case .text(let text): current += text
            case .end:
                captions.append(current)
                current = ""
            }
        }
        return segmenter.isOpen ? captions + [current + "|"] : captions
    }

    @Test(arguments: [
        (["Hola a todos. Hoy", " hablamos."], ["Hola a todos.", "Hoy hablamos.|"]),
        (["Pi is 3", ".", "14. Good", "?", " Yes!"], ["Pi is 3.14.", "Good?", "Yes!|"]),
        (["He said “no.” Then", " left"], ["He said “no.”", "Then left|"]),
        (["Dr. Who met J. Doe. Fine"], ["Dr. Who met J. Doe.", "Fine|"]),
        (["今日は。明日も。"], ["今日は。", "明日も。|"]),
        (["  ", " and ", "so"], ["and so|"]),
    ])
    func `sentences are captions`(_ pieces: [String], _ expected: [String]) {
        #expect(captions(pieces) == expected)
    }

    @Test func `it does not matter how a text is cut into pieces`() {
        let text = "One. Two three! “Four.” Five 3.5 six? Seven."
        let whole = captions([text])
        #expect(whole.count == 5)
        #expect(captions(text.map(String.init)) == whole)
    }

    @Test func `a pause ends a caption, once`() {
        #expect(captions(["and then"], thenPause: true) == ["and then"])
        var segmenter = Segmenter()
        #expect(segmenter.pause().isEmpty)
    }

    @Test func `a long caption ends at a space, or anywhere at last`() {
        let words = Array(repeating: "word", count: 100).joined(separator: " ")
        let cut = captions([words])
        #expect(cut.allSatisfy { $0.count <= Segmenter.softLimit + 5 })
        #expect(cut.joined(separator: " ") == words + "|")
        let endless = captions([String(repeating: "x", count: 1_000)])
        #expect(endless.map(\.count) == [400, 400, 201])
    }
}
