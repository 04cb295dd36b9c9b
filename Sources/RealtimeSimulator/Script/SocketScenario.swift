internal import JSON

/// The kinds of sessions that a socket may have.
enum SessionKind: String, Sendable, CaseIterable {
    case realtime, transcription, translation
}

/// What a script wants of one WebSocket connection; empty for none.
struct SocketScenario: Sendable, Equatable {
    /// The sessions that an entry is for; nil for any.
    struct Audience: Sendable, Equatable {
        var kind: SessionKind?
        /// The target of a translation.
        var language: String?

        func includes(_ kind: SessionKind, _ language: String?) -> Bool {
            (self.kind ?? kind) == kind && (self.language == nil || self.language == language)
        }
    }

    /// How the connection ends early.
    struct End: Sendable, Equatable {
        struct Close: Sendable, Equatable {
            let code: UInt16
            let reason: String
        }

        /// After so many server events.
        let afterEvents: Int
        /// The close frame; nil cuts the connection without one.
        let close: Close?
        /// An `error` event that is told before.
        var error: JSONObject?
    }

    /// A silence: the connection stays open, and what there is to say is said afterwards.
    struct Stall: Sendable, Equatable {
        /// After so many server events.
        let afterEvents: Int
        let durationMs: Int
    }

    /// What becomes of the recognition of one turn.
    struct ScriptedTranscription: Sendable, Equatable {
        var text = ""
        var delayMs: Int?
        var isDuplicated = false
        /// Whether it is told only behind that of the next turn.
        var isHeldBack = false
        var failure: JSONObject?
        /// Whether the text is what was said, instead of a note that nothing was recognised.
        var isFromScript = false
    }

    /// What a response says and does, or the error that it fails with.
    struct ScriptedAnswer: Sendable, Equatable {
        let outputs: [Answer]

        static func text(_ text: String) -> Self { Self(outputs: [.text(text)]) }
        static func failure(_ error: JSONObject) -> Self { Self(outputs: [.failure(error)]) }
    }

    /// Which sessions it is for.
    var audience = Audience()
    var end: End?
    var stall: Stall?
    /// A call is hung up after so many server events.
    var hangsUpAfterEvents: Int?
    /// One for each sideband of a call, in order of their coming.
    var sidebandEnds: [End] = []
    var expireAfterSeconds: Double?
    /// One for each audio turn, in order.
    var transcriptions: [ScriptedTranscription] = []
    /// One for each response, in order.
    var answers: [ScriptedAnswer] = []
    var rateLimits: JSONObject?
    /// How much later than usual everything of a translation is said.
    var translationDelayMs = 0
    /// The tools of MCP servers, by label; the others cannot be reached.
    var mcpTools: [String: [JSONValue]] = [:]

    /// The recognition of the next turn; without a script an honest note about its length.
    mutating func nextTranscription(heardMs: Int) -> ScriptedTranscription {
        var next =
            heardMs > 0 && !transcriptions.isEmpty
            ? transcriptions.removeFirst() : ScriptedTranscription()
        if !next.isFromScript { next.text = Self.note(heardMs: heardMs) }
        return next
    }

    mutating func nextAnswer() -> ScriptedAnswer? {
        answers.isEmpty ? nil : answers.removeFirst()
    }

    private static func note(heardMs: Int) -> String {
        "[simulated transcript: \(seconds(heardMs)) s of speech]"
    }

    /// Seconds with one decimal.
    static func seconds(_ milliseconds: Int) -> String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
