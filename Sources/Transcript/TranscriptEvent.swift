/// What can happen to a conversation, in words of no protocol.
///
/// An adapter such as ``RealtimeEventReader`` makes these of what comes over the wire;
/// ``TranscriptReducer`` takes them in. Ids are the provider's. Events may come twice, late, or for
/// items that nobody announced.
public enum TranscriptEvent: Sendable, Equatable {
    // MARK: Items

    /// An item entered the conversation; the only event whose predecessor decides the order.
    case itemAdded(ItemSnapshot, after: ItemPredecessor)
    /// A resumed conversation begins with this item, which may be an old one under a new id.
    case itemReplayed(ItemSnapshot, after: ItemPredecessor)
    /// An item is final; its predecessor counts only if ``itemAdded(_:after:)`` never came.
    case itemDone(ItemSnapshot, after: ItemPredecessor)
    /// The provider was asked for an item and told it; fills what is missing.
    case itemRetrieved(ItemSnapshot)
    /// An item was taken out of the conversation.
    case itemDeleted(id: String)
    /// The provider cut an answer's audio: the listener heard only so many milliseconds.
    case itemTruncated(id: String, audioEndMs: Int)
    /// The client asked for an item; it exists only once ``itemAdded(_:after:)`` says so.
    case clientCreatedItem(id: String?, text: String)

    // MARK: Responses

    /// The client asked for an answer.
    case responseRequested
    /// The model began to answer.
    case responseCreated(ResponseSnapshot)
    /// The model ended its answer, in whatever way.
    case responseDone(ResponseSnapshot)
    /// A response has one more item, which need not be part of the conversation.
    case outputItemAdded(ItemSnapshot, responseID: String?)
    /// An item of a response is final.
    case outputItemDone(ItemSnapshot, responseID: String?)
    /// A piece of an answer's text; `startMs` is where in its audio it begins, if that is told.
    case textDelta(TextSpan, String, startMs: Int?)
    /// The whole text of one part of an answer.
    case textDone(TextSpan, String)
    /// A piece of a call's arguments.
    case argumentsDelta(itemID: String, String)
    /// A call's whole arguments.
    case argumentsDone(itemID: String, String, name: String?)
    /// A call that the provider makes itself has come this far.
    case callProgressed(itemID: String, TranscriptItem.Status)

    // MARK: Audio

    /// Audio of an answer came; without an item, it is the one that is being spoken.
    ///
    /// `milliseconds` is how long it lasts, 0 when only the fact is known: it makes
    /// ``TranscriptItem/heardText`` derivable.
    case outputAudio(itemID: String?, milliseconds: Int)
    /// The listener has heard an item up to here, as far as the player knows.
    case outputAudioHeard(itemID: String, milliseconds: Int)
    /// The user began to speak; the item does not exist yet.
    case speechStarted(itemID: String?)
    /// The user fell silent.
    case speechStopped(itemID: String?)
    /// What the user said will become this item.
    case speechCommitted(itemID: String)
    /// Nobody spoke for a while; a system message and this user item follow, written by nobody.
    case idleTimeout(itemID: String)

    // MARK: Transcription of the user's speech

    /// Whether speech is transcribed in this session at all.
    case transcriptionConfigured(Bool)
    /// A piece of a transcript.
    case transcriptionDelta(TextSpan, String)
    /// All of a transcript so far, in place of what came before.
    case transcriptionUpdated(TextSpan, String)
    /// A transcript, or one of a growing series.
    case transcriptionCompleted(Transcription)
    /// There will be no transcript, for the reason of this code.
    case transcriptionFailed(TextSpan, code: String)

    /// Time went by; brings the checkpoints that are due.
    case timePassed
}

/// Where an item stands.
public enum ItemPredecessor: Sendable, Hashable {
    /// Nothing is known: at the end.
    case unknown
    /// It is the first of its connection.
    case first
    /// Directly behind the item with this id.
    case item(String)
}

/// One part of one item, in a response or not.
public struct TextSpan: Sendable, Equatable {
    /// The item.
    public var itemID: String
    /// Which of its parts, counted from 0.
    public var part: Int
    /// What the part is, if nothing else told it before.
    public var kind: TranscriptItem.ContentKind
    /// The response that it belongs to, if that is told.
    public var responseID: String?

    /// A part of an item.
    public init(
        itemID: String,
        part: Int = 0,
        kind: TranscriptItem.ContentKind = .text,
        responseID: String? = nil
    ) {
        self.itemID = itemID
        self.part = part
        self.kind = kind
        self.responseID = responseID
    }
}

/// What an event tells of an item; what it does not tell is nil.
public struct ItemSnapshot: Sendable, Equatable {
    /// One part of a message.
    public struct Part: Sendable, Equatable {
        /// What it is.
        public var kind: TranscriptItem.ContentKind
        /// Its text or transcript.
        public var text: String?

        /// A part of a message.
        public init(_ kind: TranscriptItem.ContentKind, _ text: String? = nil) {
            self.kind = kind
            self.text = text
        }
    }

    /// The provider's id.
    public var id: String
    /// What the item is.
    public var kind: TranscriptItem.Kind
    /// Who a message is from.
    public var role: TranscriptItem.Role?
    /// How far it has come.
    public var status: TranscriptItem.Status?
    /// A message's content.
    public var parts: [Part] = []
    /// Which part of an answer it is, such as `commentary`.
    public var phase: String?
    /// What is known of a call.
    public var call = TranscriptItem.Call()

    /// A snapshot of a message by default.
    public init(
        id: String,
        kind: TranscriptItem.Kind = .message,
        role: TranscriptItem.Role? = nil,
        status: TranscriptItem.Status? = nil,
        parts: [Part] = [],
        phase: String? = nil,
        call: TranscriptItem.Call = TranscriptItem.Call()
    ) {
        self.id = id
        self.kind = kind
        self.role = role
        self.status = status
        self.parts = parts
        self.phase = phase
        self.call = call
    }
}

/// What an event tells of a response.
public struct ResponseSnapshot: Sendable, Equatable {
    /// Whether what it generates becomes part of the conversation.
    public enum Conversation: Sendable, Equatable {
        /// It does, as far as anybody said.
        case joined
        /// It does not: an out-of-band response.
        case none
    }

    /// The provider's id.
    public var id: String
    /// How it ended, nil while it goes on.
    public var status: ResponseStatus?
    /// Where its items go.
    public var conversation: Conversation
    /// Its items, as far as they are listed.
    public var output: [ItemSnapshot]
    /// What it consumed.
    public var usage: TokenUsage?

    /// What is known of a response.
    public init(
        id: String,
        status: ResponseStatus? = nil,
        conversation: Conversation = .joined,
        output: [ItemSnapshot] = [],
        usage: TokenUsage? = nil
    ) {
        self.id = id
        self.status = status
        self.conversation = conversation
        self.output = output
        self.usage = usage
    }
}

/// The text of something that the user said.
public struct Transcription: Sendable, Equatable {
    /// What was transcribed.
    public var span: TextSpan
    /// The whole text.
    public var text: String
    /// Whether no better one follows.
    public var isFinal: Bool
    /// The mean probability of its tokens, 0…1.
    public var confidence: Double?
    /// What it consumed.
    public var usage: TokenUsage?

    /// A final transcript by default.
    public init(
        _ span: TextSpan,
        _ text: String,
        isFinal: Bool = true,
        confidence: Double? = nil,
        usage: TokenUsage? = nil
    ) {
        self.span = span
        self.text = text
        self.isFinal = isFinal
        self.confidence = confidence
        self.usage = usage
    }
}
