/// Summarises parts of conversations by a language model; whoever has one conforms.
public protocol SegmentSummarizing: Sendable {
    /// Summarises what was said in a segment, and finds facts in it.
    ///
    /// May take minutes, because it waits for its turn and tries again where that helps.
    ///
    /// - Returns: The summary; its sources are ids of the segment's messages.
    /// - Throws: ``SegmentSummaryError``, or `CancellationError`.
    func summarize(_ segment: SegmentTranscript) async throws -> ModelSummary
}

/// Why a language model gave no summary.
public enum SegmentSummaryError: Error, Sendable, Equatable {
    /// It cannot be asked now, whatever the segment; ask again after that time, not before.
    case later(after: Duration)
    /// It failed again and again. That may pass, or lie in this segment: which, others tell.
    case failed(reason: String, after: Duration)
    /// It was asked in vain, and this segment, as it is, need not be tried again.
    case gaveUp(reason: String)
}

/// What was said in one segment, for a language model to read.
public struct SegmentTranscript: Sendable, Equatable {
    /// One message.
    public struct Message: Sendable, Equatable {
        /// Its id.
        public var id: ItemID
        /// Who said it.
        public var role: Item.Role
        /// When it was said.
        public var saidAt: Timestamp
        /// What was said.
        public var text: String

        /// Makes a message from its parts.
        public init(id: ItemID, role: Item.Role, saidAt: Timestamp, text: String) {
            self.id = id
            self.role = role
            self.saidAt = saidAt
            self.text = text
        }
    }

    /// Whose it is.
    public var user: UserID
    /// The messages in their order.
    public var messages: [Message]

    /// Makes a transcript from its parts.
    public init(user: UserID, messages: [Message]) {
        self.user = user
        self.messages = messages
    }

    /// What user and assistant said in a range of items; all other items are left out.
    public init(user: UserID, items: [Item]) {
        self.user = user
        messages = items.compactMap { item in
            guard item.kind == .message, item.role == .user || item.role == .assistant,
                item.content.contains(where: { !$0.isWhitespace })
            else { return nil }
            return Message(
                id: item.id,
                role: item.role,
                saidAt: item.createdAt,
                text: item.content
            )
        }
    }
}

/// What a language model made of a segment.
public struct ModelSummary: Sendable, Equatable {
    /// The summary: one line, not empty.
    public var text: String
    /// What the user said of themself.
    public var facts: [ModelFact]

    /// Makes a summary from its parts.
    public init(text: String, facts: [ModelFact]) {
        self.text = text
        self.facts = facts
    }
}

/// Something that a language model says a user said of themself.
public struct ModelFact: Sendable, Equatable {
    /// What a fact can be about; the raw values are those of ``Fact/kind``.
    public enum Slot: String, Sendable, CaseIterable {
        case name, birthday, family, place, job, health, preference
        /// Anything else.
        case other
    }

    /// The whole fact, as a short phrase on one line.
    public var text: String
    /// What it is about.
    public var slot: Slot
    /// What of that, where there can be several (`daughter`, `music`); else empty.
    public var key: String
    /// The value alone.
    public var value: String
    /// Whether it is said to be over.
    public var hasEnded: Bool
    /// The messages that say so, in their order; at least one, and one at least is the user's.
    public var sources: [ItemID]
    /// When the last of them was said.
    public var saidAt: Timestamp

    /// Makes a fact from its parts.
    public init(
        text: String,
        slot: Slot,
        key: String,
        value: String,
        hasEnded: Bool,
        sources: [ItemID],
        saidAt: Timestamp
    ) {
        self.text = text
        self.slot = slot
        self.key = key
        self.value = value
        self.hasEnded = hasEnded
        self.sources = sources
        self.saidAt = saidAt
    }
}
