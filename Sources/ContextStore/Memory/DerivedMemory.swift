internal import TextAnalysis

/// What is derived from one item, to be stored beside it.
struct DerivedMemory: Sendable {
    let item: PendingItem
    /// The words under which it is found, with spaces between.
    let terms: String
    let wordCount: Int
    /// Tokens of its date (``MemoryTokens``).
    let day: String

    /// About how many bytes it holds while it waits to be stored.
    var weight: Int { 256 + 3 * terms.utf8.count }

    /// Derives what is to be known of an item; takes time in proportion to its length.
    init(_ item: PendingItem) {
        self.item = item
        let day = CalendarDay(millisecondsSince1970: item.saidAt.milliseconds)
        self.day = MemoryTokens.day(day)
        guard item.isRemembered else {
            (terms, wordCount) = ("", 0)
            return
        }
        let words = Words.indexTerms(of: item.content)
        terms = words.joined(separator: " ")
        wordCount = words.count
    }
}
