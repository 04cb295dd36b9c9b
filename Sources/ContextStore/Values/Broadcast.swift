public import Captions
public import JSON

/// One speaker and many listeners; what was said is kept as captions.
public struct Broadcast: Sendable, Equatable {
    /// Whether it is translated.
    public enum Mode: String, Sendable, CaseIterable {
        case transcription
        case translation
    }

    /// Who may listen.
    public enum Access: String, Sendable, CaseIterable {
        /// Whoever knows the address.
        case `public`
        /// Whoever has the token.
        case token
    }

    /// How far it has come; it only ever moves on.
    public enum Status: String, Sendable, CaseIterable {
        case created
        case live
        case ended
    }

    /// Its id.
    public let id: BroadcastID
    /// What it is set to.
    public let settings: BroadcastSettings
    /// Where what was said in the source language is found again.
    public let conversationID: ConversationID
    /// What it consumes is recorded as of this session.
    public let sessionID: SessionID
    /// How far it has come.
    public let status: Status
    /// Whether somebody was speaking when it was last written.
    public let isSpeaking: Bool
    /// How many speakers there were.
    public let speakers: Int64
    /// When it was made.
    public let createdAt: Timestamp
    /// When somebody spoke first.
    public let startedAt: Timestamp?
    /// When it ended.
    public let endedAt: Timestamp?
    /// Why it ended.
    public let endReason: String?
}

/// Everything of a ``Broadcast`` that its owner chooses.
public struct BroadcastSettings: Sendable, Equatable {
    /// What people call it.
    public var title: String
    /// Whether it is translated.
    public var mode: Broadcast.Mode
    /// What the speaker speaks.
    public var sourceLanguage: String
    /// What it is translated to.
    public var languages: [String]
    /// Whether translations are spoken, too.
    public var hasAudio: Bool
    /// Who may listen.
    public var access: Broadcast.Access
    /// The hash of the listeners' token; the token itself is never stored.
    public var tokenHash: [UInt8]?
    /// Whatever the caller wants to attach.
    public var metadata: JSONObject

    /// A broadcast's settings.
    public init(
        title: String,
        mode: Broadcast.Mode,
        sourceLanguage: String,
        languages: [String],
        hasAudio: Bool,
        access: Broadcast.Access,
        tokenHash: [UInt8]?,
        metadata: JSONObject
    ) {
        self.title = title
        self.mode = mode
        self.sourceLanguage = sourceLanguage
        self.languages = languages
        self.hasAudio = hasAudio
        self.access = access
        self.tokenHash = tokenHash
        self.metadata = metadata
    }

    /// All languages that can be listened to, the source first.
    public var allLanguages: [String] { [sourceLanguage] + languages }
}

/// A broadcast and the user whose it is.
public struct OwnedBroadcast: Sendable, Equatable {
    /// Whose it is.
    public let user: UserID
    /// The broadcast.
    public let broadcast: Broadcast

    /// A user's broadcast.
    public init(user: UserID, broadcast: Broadcast) {
        self.user = user
        self.broadcast = broadcast
    }
}

/// A caption as it is stored.
public struct StoredCaption: Sendable, Equatable {
    /// The caption.
    public let caption: Caption
    /// When it was first told.
    public let createdAt: Timestamp
}

/// How far the captions of a language have come.
public struct TrackState: Sendable, Equatable {
    /// The language.
    public let language: String
    /// How many captions there are.
    public let count: Int64
    /// The last sequence.
    public let lastSequence: Int64
    /// The last number.
    public let lastNumber: Int64
    /// Up to when it was told what was said.
    public let coveredMs: Int64
}

extension Broadcast {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        b.id, b.title, b.mode, b.source_language, b.languages, b.has_audio, b.access, b.token_hash,
        b.metadata, c.id, s.id, b.status, b.is_speaking, b.speakers, b.created_at, b.started_at,
        b.ended_at, b.end_reason
        """
    /// What ``columns`` are read from; says that it is not deleted.
    static let source = """
        broadcasts b JOIN conversations c ON c.pk = b.conversation_pk AND c.deleted_at IS NULL
        JOIN sessions s ON s.pk = b.session_pk
        """

    init(_ row: inout RowReader) throws {
        id = BroadcastID(stored: row.text())
        settings = BroadcastSettings(
            title: row.text(),
            mode: try row.choice(),
            sourceLanguage: row.text(),
            languages: (try row.json().arrayValue ?? []).compactMap(\.stringValue),
            hasAudio: row.integer() != 0,
            access: try row.choice(),
            tokenHash: row.optionalBytes(),
            metadata: try row.object()
        )
        conversationID = ConversationID(stored: row.text())
        sessionID = SessionID(stored: row.text())
        status = try row.choice()
        isSpeaking = row.integer() != 0
        speakers = row.integer()
        createdAt = row.timestamp()
        startedAt = row.optionalTimestamp()
        endedAt = row.optionalTimestamp()
        endReason = row.optionalText()
    }
}

extension StoredCaption {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        k.language, k.sequence, k.revision, k.number, k.kind, k.text, k.reason, k.speaker,
        k.spoken_language, k.start_ms, k.end_ms, k.created_at
        """

    init(_ row: inout RowReader) throws {
        caption = Caption(
            language: row.text(),
            sequence: row.integer(),
            revision: row.integer(),
            number: row.integer(),
            kind: try row.choice(),
            text: row.text(),
            reason: row.optionalText().flatMap(GapReason.init(rawValue:)),
            speaker: row.integer(),
            spokenLanguage: row.optionalText(),
            startMs: row.integer(),
            endMs: row.integer()
        )
        createdAt = row.timestamp()
    }
}
