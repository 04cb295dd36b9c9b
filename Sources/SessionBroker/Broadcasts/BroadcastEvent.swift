internal import Captions
internal import ContextStore
internal import JSON
internal import WebServer

/// An event as all listeners of a language get it: encoded once, for both ways to listen.
struct BroadcastEvent: Sendable {
    /// As a WebSocket's message.
    let frame: WebSocketFrame
    /// As a server-sent event.
    let lines: [UInt8]
    /// Whether it must not be missed.
    let lasts: Bool

    /// Encodes an event.
    ///
    /// - Parameters:
    ///   - type: What it is.
    ///   - members: What it says.
    ///   - id: What a listener that comes back names; nil for what is not told again.
    ///   - lasts: Whether it must not be missed; as a rule what has an id.
    init(_ type: String, _ members: JSONObject, id: String? = nil, lasts: Bool? = nil) {
        var event: JSONObject = ["type": .string(type)]
        if let id { event["event_id"] = .string(id) }
        let json = JSONValue.object(event.merging(members)).bytes
        frame = WebSocketFrame(text: json)
        let head = (id.map { "id: \($0)\n" } ?? "") + "event: \(type)\ndata: "
        // JSON has no line ends, so that one line holds all.
        lines = Array(head.utf8) + json + Array("\n\n".utf8)
        self.lasts = lasts ?? (id != nil)
    }

    /// About how much memory it takes on a connection.
    var byteCount: Int { lines.count }
}

extension BroadcastEvent {
    /// A caption is on disk.
    static func completed(_ caption: Caption) -> BroadcastEvent {
        BroadcastEvent("segment.completed", caption.json, id: EventMark(caption).text)
    }

    /// A caption is being spoken; `text` is all of it so far.
    static func delta(
        _ delta: String,
        of draft: CaptionTrack.Draft,
        in language: String
    ) -> BroadcastEvent {
        BroadcastEvent(
            "segment.delta",
            [
                "language": .string(language), "sequence": .integer(draft.sequence),
                "delta": .string(delta), "text": .string(draft.text),
                "start_ms": .integer(draft.startMs), "speaker": .integer(draft.speaker),
            ]
        )
    }

    /// A piece of a translation's voice, in Base64.
    static func audio(_ delta: String, in language: String) -> BroadcastEvent {
        BroadcastEvent(
            "audio.delta",
            [
                "language": .string(language), "delta": .string(delta), "format": "pcm16",
                "sample_rate": 24_000, "channels": 1,
            ]
        )
    }

    /// Somebody begins to speak.
    static func speakerStarted(_ speaker: Int64, atMs: Int64) -> BroadcastEvent {
        BroadcastEvent(
            "speaker.started",
            ["speaker": .integer(speaker), "at_ms": .integer(atMs)],
            lasts: true
        )
    }

    /// Nobody speaks any more.
    static func speakerStopped(_ speaker: Int64, atMs: Int64, reason: String) -> BroadcastEvent {
        BroadcastEvent(
            "speaker.stopped",
            [
                "speaker": .integer(speaker), "at_ms": .integer(atMs), "reason": .string(reason),
            ],
            lasts: true
        )
    }

    /// What becomes of a language: whether it is told now, and if not, why.
    static func status(
        _ language: String,
        _ state: LanguageState,
        lagMs: Int64
    ) -> BroadcastEvent {
        BroadcastEvent(
            "language.status",
            JSONObject(
                uniqueMembers: [
                    ("language", .string(language)), ("state", .string(state.name)),
                    ("reason", .optional(state.reason?.rawValue)), ("lag_ms", .integer(lagMs)),
                ]
            ),
            lasts: true
        )
    }

    /// How many listen.
    static func presence(_ listeners: Int) -> BroadcastEvent {
        BroadcastEvent("presence", ["listeners": .integer(Int64(listeners))])
    }

    /// It is over; who comes back with this mark has got all there is.
    static func ended(_ reason: String, at mark: EventMark) -> BroadcastEvent {
        BroadcastEvent("broadcast.ended", ["reason": .string(reason)], id: mark.text)
    }

    /// Something of a client's was not done.
    static func error(_ code: String, _ message: String) -> BroadcastEvent {
        BroadcastEvent(
            "error",
            [
                "error": [
                    "type": "invalid_request_error", "code": .string(code),
                    "message": .string(message), "param": .null,
                ]
            ],
            lasts: true
        )
    }
}

/// Whether a language is told now.
enum LanguageState: Sendable, Equatable {
    /// Nobody asks for it, or nobody speaks.
    case off
    /// Upstream is being connected to.
    case connecting
    case live
    /// Upstream is there, and late.
    case slow
    /// Upstream is gone or does not take it.
    case interrupted(GapReason)

    var name: String {
        switch self {
        case .off: "off"
        case .connecting: "connecting"
        case .live: "live"
        case .slow: "slow"
        case .interrupted: "interrupted"
        }
    }

    var reason: GapReason? {
        if case .interrupted(let reason) = self { reason } else { nil }
    }
}

/// How far a listener has come in a language, as the ids of events say it: `es.12`.
struct EventMark: Sendable, Equatable {
    let language: String
    let number: Int64

    init(_ language: String, _ number: Int64) {
        self.language = language
        self.number = number
    }

    init(_ caption: Caption) {
        self.init(caption.language, caption.number)
    }

    /// Reads an id; nil for what is none.
    init?(_ text: String) {
        guard let dot = text.lastIndex(of: "."),
            let number = Int64(text[text.index(after: dot)...]),
            number >= 0
        else { return nil }
        language = String(text[..<dot])
        self.number = number
    }

    var text: String { "\(language).\(number)" }
}

extension Caption {
    /// The caption as clients see it.
    var json: JSONObject {
        JSONObject(uniqueMembers: [
            ("language", .string(language)), ("sequence", .integer(sequence)),
            ("revision", .integer(revision)), ("kind", .string(kind.rawValue)),
            ("text", .string(text)), ("reason", .optional(reason?.rawValue)),
            ("speaker", .integer(speaker)), ("spoken_language", .optional(spokenLanguage)),
            ("start_ms", .integer(startMs)), ("end_ms", .integer(endMs)),
        ])
    }
}
