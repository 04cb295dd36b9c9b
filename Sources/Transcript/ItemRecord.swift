/// What the reducer knows of one item.
struct ItemRecord: Sendable {
    /// Whether an item is in the transcript.
    enum Visibility: Sendable, Equatable {
        /// Events mention it, but nobody said that it is in the conversation.
        case unannounced
        case shown
        case leftOut(Reason)
    }

    /// Why an item is not in the transcript.
    enum Reason: Sendable {
        case deleted
        case idleTimeout
        case outOfBand
    }

    let id: String
    /// Its place among all items in the order in which they were heard of.
    let sequence: Int
    let firstSeenAt: Duration
    var visibility = Visibility.unannounced
    var predecessor = ItemPredecessor.unknown

    /// Nil until a snapshot comes.
    var kind: TranscriptItem.Kind?
    var role: TranscriptItem.Role?
    var parts: [Int: ItemPart] = [:]
    var call = TranscriptItem.Call()
    var arguments = GrowingText()
    var phase: String?
    var responseID: String?

    /// What the provider said last.
    var status = TranscriptItem.Status.inProgress
    /// Whether the connection ended over it; what the provider says of its end counts more.
    var isClosed = false
    /// Whether the provider took what the user said as a whole utterance.
    var isCommitted = false
    /// Whether a transcript of the user's speech is to be expected.
    var expectsTranscript = true

    var audioEndMs: Int?
    var audioHeardMs: Int?
    /// How long the audio lasts that was generated so far.
    var audioMs = 0
    var confidence: Double?
    var timeToFirstAudioMs: Int?

    /// What the store has; nil if nothing.
    var stored: TranscriptItem?
    var storedAt: Duration = .zero
    /// Whether pieces came that the store does not have.
    var hasNews = false
    /// Whether its text was given up to save memory: nothing but a deletion matters any more.
    var isCompact = false

    /// What it counts for among the finished items whose text is kept; nil if it is none of them.
    var retiredBytes: Int?

    /// Nothing but the id.
    init(id: String, sequence: Int, at now: Duration) {
        self.id = id
        self.sequence = sequence
        firstSeenAt = now
    }

    /// Whether it is kept out of the transcript.
    var isLeftOut: Bool {
        if case .leftOut = visibility { true } else { false }
    }

    /// Whether it was taken for nobody's, but somebody spoke: too softly to be noticed.
    var isSaidAfterAll: Bool {
        visibility == .leftOut(.idleTimeout) && role != .system
            && parts.values.contains { !$0.text.isEmpty }
    }

    /// Whether it can never be in the transcript, so that no text of it is worth keeping.
    var isGone: Bool {
        visibility == .leftOut(.deleted) || visibility == .leftOut(.outOfBand)
    }

    /// Whether something was said in it, although its announcement never came.
    var isWorthKeeping: Bool {
        guard visibility == .unannounced else { return false }
        if isCommitted { return true }
        return parts.values.contains { !$0.text.isEmpty || $0.speech?.heard.text.isEmpty == false }
            && (responseID != nil || isSpeech)
    }

    /// Whether it is speech that has no transcript.
    var lacksTranscript: Bool {
        parts.values.contains { $0.speech != nil && $0.speech?.transcript == nil }
    }

    /// Whether it is what the user said aloud.
    var isSpeech: Bool { parts.values.contains { $0.speech != nil } }

    /// Whether a transcript is still to come.
    var isAwaitingTranscript: Bool {
        guard expectsTranscript, !isClosed, visibility != .leftOut(.deleted) else { return false }
        guard visibility != .unannounced || isCommitted else { return false }
        return parts.values.contains { $0.speech?.isOpen == true }
    }

    /// Whether the provider itself has ended it.
    var isFinal: Bool { status != .inProgress }

    /// Whether more of it is to come.
    var isOpen: Bool { isAwaitingTranscript || visibleStatus == .inProgress }

    /// The status in the transcript.
    var visibleStatus: TranscriptItem.Status {
        if isAwaitingTranscript { return .inProgress }
        // Who interrupted it heard less than all of it, even when all was generated.
        if isFinal { return audioEndMs != nil && status == .completed ? .incomplete : status }
        // Some providers never complete what the user said; that it was taken is enough.
        let isTaken = isCommitted || parts.values.contains { $0.speech?.transcript != nil }
        if isSpeech && isTaken { return .completed }
        return isClosed ? .incomplete : .inProgress
    }

    /// The parts in their order.
    var orderedParts: [ItemPart] {
        parts.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Roughly the bytes of text that this holds on to.
    var textBytes: Int {
        let content = parts.values.reduce(0) { $0 + $1.text.utf8.count }
        return content + arguments.text.utf8.count + (call.output?.utf8.count ?? 0)
    }

    /// Gives up what only an update would need.
    mutating func compact() {
        isCompact = true
        parts = [:]
        arguments = GrowingText()
        call = TranscriptItem.Call()
        stored = stored.map { TranscriptItem(id: $0.id) }
    }
}
