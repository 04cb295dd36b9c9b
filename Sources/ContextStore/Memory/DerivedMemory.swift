internal import TextAnalysis

/// What is derived from one item, to be stored beside it.
struct DerivedMemory: Sendable {
    let item: PendingItem
    /// The words under which it is found, with spaces between.
    let terms: String
    let wordCount: Int
    let traits: MessageTraits
    /// Tokens of its date (``MemoryTokens``).
    let day: String
    let sentences: [AnalyzedSentence]
    let facts: [FoundFact]

    /// About how many bytes it holds while it waits to be stored.
    var weight: Int { 256 + 3 * terms.utf8.count }

    /// Derives what is to be known of an item; takes time in proportion to its length.
    init(_ item: PendingItem) {
        self.item = item
        let day = CalendarDay(millisecondsSince1970: item.saidAt.milliseconds)
        self.day = MemoryTokens.day(day)
        guard item.isRemembered else {
            (terms, wordCount, sentences, facts) = ("", 0, [], [])
            traits = MessageTraits(terms: [], content: "")
            return
        }
        let words = Words.indexTerms(of: item.content)
        terms = words.joined(separator: " ")
        wordCount = words.count
        traits = MessageTraits(terms: words, content: item.content)
        guard let speaker = Speaker(item.role) else {
            (sentences, facts) = ([], [])
            return
        }
        let previous = item.previous.flatMap { previous in
            Speaker(previous.role).map { (speaker: $0, text: previous.ending) }
        }
        sentences = SentenceAnalyzer().sentences(
            of: item.content,
            speaker: speaker,
            saidOn: day,
            previous: previous
        )
        facts = speaker == .user ? FactFinder().facts(in: item.content, saidOn: day) : []
    }
}

extension DerivedMemory {
    /// A task of its own is worth it from so many items on.
    private static let itemsPerTask = 32

    /// What is derived from items, in their order; several at a time, on as many threads as tasks
    /// have.
    static func all(of items: [PendingItem]) async -> [DerivedMemory] {
        guard items.count > itemsPerTask else { return items.map(DerivedMemory.init) }
        return await withTaskGroup(of: (Int, [DerivedMemory]).self) { group in
            for start in stride(from: 0, to: items.count, by: itemsPerTask) {
                let part = items[start..<min(start + itemsPerTask, items.count)]
                group.addTask { (start, part.map(DerivedMemory.init)) }
            }
            var parts: [(start: Int, [DerivedMemory])] = []
            for await part in group { parts.append(part) }
            return parts.sorted { $0.start < $1.start }.flatMap(\.1)
        }
    }
}

extension Speaker {
    /// Who speaks in items of a role; nil where nobody does.
    init?(_ role: Item.Role) {
        switch role {
        case .user: self = .user
        case .assistant: self = .assistant
        case .system, .tool: return nil
        }
    }
}
