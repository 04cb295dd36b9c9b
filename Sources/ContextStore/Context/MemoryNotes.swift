internal import TextAnalysis

/// What earlier conversations left: the material of a prompt's memory block.
struct MemoryNotes: Sendable, Equatable {
    /// One earlier turn, word for word.
    struct Turn: Sendable, Equatable {
        /// When it was said.
        var date: Timestamp
        /// Who said it.
        var role: Item.Role
        /// What was said.
        var text: String
    }

    /// Facts as short phrases, the most important first.
    var facts: [String] = []
    /// What a language model made of earlier sessions, newest first.
    var summaries: [String] = []
    /// Sentences of the history, best first.
    var history: [CondenserCandidate] = []
    /// Whether the history holds more than that.
    var isPartial = false
    /// The last turns before this session, oldest first.
    var turns: [Turn] = []
    /// Whether the model may look up more by the `recall` tool.
    var offersRecall = false

    /// Whether there is nothing to say.
    var isEmpty: Bool { facts.isEmpty && history.isEmpty && summaries.isEmpty && turns.isEmpty }
}
