/// How much of a spoken text was heard when its audio was cut.
struct HeardText: Sendable, Equatable {
    /// The beginning of the text, up to the cut.
    let text: String
    /// Whether the place of the cut is a guess.
    let isEstimated: Bool

    /// What was heard of a text; nil if that cannot be told.
    ///
    /// Nothing heard is nothing said. Where the provider tells when its pieces begin, those that
    /// began before the cut were heard. Else the text is taken to be spoken evenly over its audio,
    /// if it is known how long that is, and cut behind a whole word.
    init?(of spoken: GrowingText, audioMs: Int, heardMs: Int) {
        let whole = spoken.text
        if heardMs <= 0 {
            self.init(text: "", isEstimated: false)
        } else if !spoken.marks.isEmpty {
            let next = spoken.marks.first { $0.startMs >= heardMs }
            self.init(text: whole.prefix(upToUTF8: next?.offset), isEstimated: false)
        } else if audioMs > 0 {
            let share = min(1, Double(heardMs) / Double(audioMs))
            let bytes = Int(share * Double(whole.utf8.count))
            self.init(text: whole.prefix(wordsWithinUTF8: bytes), isEstimated: share < 1)
        } else {
            return nil
        }
    }

    private init(text: String, isEstimated: Bool) {
        self.text = text
        self.isEstimated = isEstimated
    }
}

extension String {
    /// The beginning, so many bytes long or a little less; nil is all of it.
    fileprivate func prefix(upToUTF8 count: Int?) -> String {
        guard let count, count < utf8.count else { return self }
        var end = utf8.index(startIndex, offsetBy: max(0, count))
        // A cut in the middle of a character goes back to its beginning.
        while end > startIndex, end.samePosition(in: self) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }

    /// The whole words within so many bytes.
    fileprivate func prefix(wordsWithinUTF8 count: Int) -> String {
        guard count < utf8.count else { return self }
        let cut = prefix(upToUTF8: count)
        guard let last = cut.unicodeScalars.last, !last.isOfDenseScript else { return cut }
        let end = cut.lastIndex {
            $0.isWhitespace || $0.unicodeScalars.contains(where: \.isOfDenseScript)
        }
        guard let end else { return "" }
        return String(cut[end].isWhitespace ? cut[..<end] : cut[...end])
    }
}

extension Unicode.Scalar {
    /// Whether it is of a script that puts no spaces between words: Thai, Lao, Myanmar, Khmer, and
    /// those of China and Japan, with their punctuation.
    fileprivate var isOfDenseScript: Bool {
        switch value {
        case 0x0E01...0x0EDF, 0x1000...0x109F, 0x1780...0x17DD, 0x3001...0x30FF, 0x31F0...0x31FF,
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0xFF01...0xFF9F, 0x20000...0x3FFFF:
            true
        default: false
        }
    }
}
