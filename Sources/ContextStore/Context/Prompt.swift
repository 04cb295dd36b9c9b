/// A session's instructions with what earlier sessions left, and what went into them.
public struct Prompt: Sendable, Equatable {
    /// A part of the memory block.
    public struct Section: Sendable, Equatable {
        /// What a section holds.
        public enum Name: String, Sendable {
            /// What the block is, and that it is data.
            case header
            /// What is known of the user.
            case facts
            /// The condensed history.
            case history
            /// The last turns, word for word.
            case recent
            /// That more can be looked up.
            case recall
        }

        /// What it holds.
        public var name: Name
        /// Its estimated tokens.
        public var tokens: Int
    }

    /// The instructions to send.
    public var instructions: String
    /// The memory block alone; empty when there is none.
    public var memory: String
    /// Estimated tokens of the memory block.
    public var tokens: Int
    /// The tokens that the memory block might have taken.
    public var budget: Int
    /// The parts of the memory block, in their order.
    public var sections: [Section]
    /// How many earlier turns are quoted.
    public var turnCount: Int
    /// How many earlier sessions the condensed history speaks of.
    public var sessionCount: Int
    /// Whether something was left out, or cut, for the budget's sake.
    public var isTruncated: Bool

    /// Somebody's own instructions with a memory block behind them; either may be empty.
    public static func instructions(_ own: String, with memory: String) -> String {
        [own, memory].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    /// Instructions without a memory block.
    static func plain(_ instructions: String, budget: Int, isTruncated: Bool) -> Prompt {
        Prompt(
            instructions: instructions,
            memory: "",
            tokens: 0,
            budget: budget,
            sections: [],
            turnCount: 0,
            sessionCount: 0,
            isTruncated: isTruncated
        )
    }
}
