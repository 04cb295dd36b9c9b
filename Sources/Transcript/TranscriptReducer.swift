/// The one truth about what was said: a pure state that takes events in and says what to store.
///
/// Relays, sidebands and replays all end here, each connection with a reducer of its own; one may
/// also go on after ``finish(at:)`` when the provider resumes a conversation with the same ids.
/// Items are known by their ids alone, because events of several are interleaved. Events may be
/// repeated or late: an item is never doubled, and what was stored is stored again only if it
/// changed. Times are of any monotonic clock that the caller chooses.
///
/// The rules are those of the Realtime reference, sections 9 and 15:
/// - The order comes from ``TranscriptEvent/itemAdded(_:after:)``.
/// - The user's words are the transcript of the speech, however late it comes.
/// - An answer is its final text; pieces of it count only as long as there is none.
/// - An answer that was cut keeps what was generated, and how much of it was heard.
/// - Deleted items, out-of-band responses, and what a provider writes by itself when nobody
///   speaks, are left out; nothing that is stored ever stands behind one of those.
public struct TranscriptReducer: Sendable {
    /// How much is remembered.
    public struct Limits: Sendable {
        /// Items, of which the oldest are forgotten beyond this.
        public var items = 4_096
        /// Finished items whose text is kept, to update them when more is told of them.
        public var itemsWithText = 256
        /// Bytes of text of finished items.
        public var textBytes = 1 << 20
        /// Responses.
        public var responses = 256
        /// The least time between two checkpoints of one item.
        public var checkpointInterval = Duration.seconds(1)

        /// The bounds that fit a voice session.
        public init() {}
    }

    let limits: Limits
    /// What is to be done after the event at hand.
    var actions: [TranscriptAction] = []

    var records: [String: ItemRecord] = [:]
    var order = RecentKeys()
    var lastSequence = 0
    /// Items of which more is to come, or that were never announced.
    var open: Set<String> = []
    /// Items with pieces of text that are not stored yet.
    var growing: Set<String> = []
    /// What the user said, as far as it has no transcript yet.
    var awaiting: Set<String> = []
    /// Finished items whose text is kept, the oldest first.
    var finished = RecentKeys()
    var finishedBytes = 0

    var responses: [String: ResponseRecord] = [:]
    var responseOrder = RecentKeys()
    var activeResponseID: String?
    /// When the user's turn ended to which no response has begun yet.
    var turnEndedAt: Duration?

    var isTranscribing = true
    var countedTranscripts = RecentSet(limit: 4_096)
    /// Ids and texts of items that the client asked for.
    var clientItems = RecentSet(limit: 256)
    var idle: IdleTimeout?
    var resumption = Resumption()

    /// An empty transcript.
    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Whether a transcript of something that the user said is still outstanding.
    ///
    /// A connection that ends should be kept open a little for them.
    public var isWaitingForTranscriptions: Bool { !awaiting.isEmpty }

    /// Whether the first audio of the present response is still to come.
    ///
    /// A relay that does not decode audio needs to report it only as long as this is true, unless
    /// it wants to know of cut answers what was heard.
    public var isWaitingForOutputAudio: Bool {
        activeResponseID.flatMap { responses[$0] }?.hasAudio == false
    }

    /// Items of which more is to come, in the order in which they were first heard of.
    ///
    /// After a gap in what was heard, a provider may be asked for them.
    public var unfinishedItemIDs: [String] {
        open.sorted { sequence(of: $0) < sequence(of: $1) }
    }

    /// Whether an item was heard of.
    public func knows(itemID: String) -> Bool { records[itemID] != nil }

    /// How many items are remembered, for measuring.
    public var itemCount: Int { records.count }

    /// When ``TranscriptEvent/timePassed`` would bring a checkpoint; nil if there is nothing new.
    public var nextCheckpointAt: Duration? {
        growing.compactMap { records[$0]?.storedAt }.min().map { $0 + limits.checkpointInterval }
    }

    /// Takes in one event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - now: When, on the caller's clock; never before an earlier event.
    /// - Returns: What is to be done, in this order.
    public mutating func reduce(
        _ event: TranscriptEvent,
        at now: Duration
    ) -> [TranscriptAction] {
        take(event, at: now)
        defer { actions = [] }
        return actions
    }

    /// Closes whatever is still open, because the connection ended.
    ///
    /// Answers in progress become incomplete with the text so far; speech without a transcript
    /// stays, with empty content and the reason `none`. What comes late all the same is taken in.
    public mutating func finish(at now: Duration) -> [TranscriptAction] {
        let ids = open.sorted { sequence(of: $0) < sequence(of: $1) }
        for id in ids { close(id, at: now) }
        settleIdle(at: now)
        resumption.lastSequence = lastSequence
        resumption.recognisedSequence = 0
        activeResponseID = nil
        turnEndedAt = nil
        defer { actions = [] }
        return actions
    }

    private mutating func take(_ event: TranscriptEvent, at now: Duration) {
        switch event {
        case .itemAdded(let item, let place): add(item, after: place, at: now)
        case .itemReplayed(let item, let place): resume(item, after: place, at: now)
        case .itemDone(let item, let place): end(item, after: place, at: now)
        case .itemRetrieved(let item): add(item, after: .unknown, at: now)
        case .itemDeleted(let id): leaveOut(resumption.original(of: id), .deleted, at: now)
        case .itemTruncated(let id, let ms): truncate(id, audioEndMs: ms, at: now)
        case .clientCreatedItem(let id, let text): noteClientItem(id ?? text)
        case .responseRequested: turnEndedAt = now
        case .responseCreated(let response): begin(response, at: now)
        case .responseDone(let response): end(response, at: now)
        case .outputItemAdded(let item, let response):
            takeOutput(item, of: response, .announcement, at: now)
        case .outputItemDone(let item, let response):
            takeOutput(item, of: response, .ending, at: now)
        case .textDelta(let span, let text, let ms): append(text, to: span, startMs: ms, at: now)
        case .textDone(let span, let text): finish(text, of: span, at: now)
        case .argumentsDelta(let id, let text): appendArguments(text, to: id, at: now)
        case .argumentsDone(let id, let text, let name):
            finishArguments(text, name: name, of: id, at: now)
        case .callProgressed(let id, let status): progress(id, status, at: now)
        case .outputAudio(let id, let ms): takeAudio(of: id, milliseconds: ms, at: now)
        case .outputAudioHeard(let id, let ms): takeHeard(ms, of: id, at: now)
        case .speechStarted(let id): startSpeech(id, at: now)
        case .speechStopped: endTurn(at: now)
        case .speechCommitted(let id): commit(id, at: now)
        case .idleTimeout(let id): timeOut(id, at: now)
        case .transcriptionConfigured(let isOn): isTranscribing = isOn
        case .transcriptionDelta(let span, let text):
            hear(span, at: now) { $0.heard.append(text) }
        case .transcriptionUpdated(let span, let text):
            hear(span, at: now) { $0.heard.replaceStreamed(with: text) }
        case .transcriptionCompleted(let transcription): complete(transcription, at: now)
        case .transcriptionFailed(let span, let code): fail(span, code: code, at: now)
        case .timePassed: checkpoint(at: now)
        }
    }
}
