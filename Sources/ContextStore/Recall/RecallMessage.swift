/// A message that the ranker looks at.
struct RecallMessage: Sendable {
    let pk: Int64
    let segment: RecallSegment
    let saidAt: Timestamp
    let role: Item.Role
    let speaker: String?
    let wordCount: Int
    let traits: MessageTraits
    /// Its normalised words, with spaces between.
    let terms: String
    /// Its neighbours in its session, if they were loaded, too.
    var previous: Int64?
    var next: Int64?
}

/// The messages of one session of a conversation, or those outside of sessions (0).
struct RecallSegment: Hashable, Sendable {
    let conversation: Int64
    let session: Int64
}
