/// What earlier conversations left: the material of a prompt's memory block.
public struct MemoryNotes: Sendable, Equatable {
    /// What one earlier session was about.
    public struct SummaryNote: Sendable, Equatable {
        /// When the session took place.
        public var date: Timestamp
        /// What it was about, in the speakers' words.
        public var text: String

        /// Makes a note from its parts.
        public init(date: Timestamp, text: String) {
            self.date = date
            self.text = text
        }
    }

    /// One earlier turn, word for word.
    public struct Turn: Sendable, Equatable {
        /// When it was said.
        public var date: Timestamp
        /// Who said it.
        public var role: Item.Role
        /// What was said.
        public var text: String

        /// Makes a turn from its parts.
        public init(date: Timestamp, role: Item.Role, text: String) {
            self.date = date
            self.role = role
            self.text = text
        }
    }

    /// Summaries of earlier sessions, oldest first.
    public var summaries: [SummaryNote]
    /// The last turns before this session, oldest first.
    public var turns: [Turn]

    /// Makes notes from their parts.
    public init(summaries: [SummaryNote] = [], turns: [Turn] = []) {
        self.summaries = summaries
        self.turns = turns
    }
}
