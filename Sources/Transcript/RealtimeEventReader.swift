public import JSON

/// Translates events of OpenAI's Realtime protocol into ``TranscriptEvent``s.
///
/// It speaks the names of today, those of the beta (Azure's Voice Live), and what other providers
/// do differently (the Realtime reference, sections 6–8 and 13). Each connection has a reader of
/// its own. It never fails: types it does not know give nothing, and so do events that lack what
/// they would be about; keys it does not know are ignored.
public struct RealtimeEventReader: Sendable {
    /// Who sent an event; neither can speak in the other's name.
    public enum Side: Sendable {
        case client
        case server
    }

    /// How a provider names predecessors.
    public enum Dialect: Sendable {
        /// As OpenAI does.
        case openAI
        /// On every event, and often the wrong one, so that only the order of arrival is left.
        case xAI
    }

    /// The dialect, given or noticed.
    public private(set) var dialect: Dialect
    /// Bytes of an answer's audio in a second; nil until a session tells its format.
    var outputBytesPerSecond: Int?
    private var recentDeltas = RecentSet(limit: 1_024)
    /// Whether the client has asked for anything, so that items need not be old ones.
    private var isBegun = false

    /// A reader of one connection; a dialect that is not given is noticed from the first events.
    public init(dialect: Dialect = .openAI) {
        self.dialect = dialect
    }

    /// Whether the transcript needs events of a type; all others need not be decoded.
    ///
    /// Audio is not among them, see ``isOutputAudio(type:)``.
    public static func isNeeded(type: String) -> Bool {
        serverTable[type] != nil || clientTable[type] != nil
    }

    /// Whether a type is a piece of an answer's audio.
    ///
    /// A relay that only looks at types reports the first one of a response as
    /// ``TranscriptEvent/outputAudio(itemID:milliseconds:)``, without decoding it.
    public static func isOutputAudio(type: String) -> Bool {
        type == "response.output_audio.delta" || type == "response.audio.delta"
    }

    /// Translates one event; most give one, many give none.
    public mutating func read(_ event: JSONValue, from side: Side) -> [TranscriptEvent] {
        guard let object = event.objectValue, let type = object["type"]?.stringValue else {
            return []
        }
        guard side == .server else {
            guard let read = Self.clientTable[type] else { return [] }
            isBegun = true
            return read(WireEvent(object, dialect))
        }
        noticeDialect(of: object, type: type)
        if type.hasPrefix("session."), let session = object["session"] {
            outputBytesPerSecond =
                Self.outputBytesPerSecond(of: session) ?? outputBytesPerSecond
        }
        if Self.isOutputAudio(type: type) {
            let length = object["delta"]?.stringValue?.utf8.count ?? 0
            let ms = milliseconds(ofOutputAudio: length)
            return [.outputAudio(itemID: object["item_id"]?.stringValue, milliseconds: ms)]
        }
        guard let read = Self.serverTable[type], !isRepeatedDelta(object, type: type) else {
            return []
        }
        if type.hasPrefix("response.") || type.hasPrefix("input_") { isBegun = true }
        return read(WireEvent(object, dialect)).map(noticingReplay)
    }

    /// xAI begins a resumed conversation with old items under new ids, before anything is asked.
    private func noticingReplay(_ event: TranscriptEvent) -> TranscriptEvent {
        guard dialect == .xAI, !isBegun, case .itemAdded(let item, let place) = event,
            item.status == .completed
        else { return event }
        return .itemReplayed(item, after: place)
    }

    /// xAI puts a predecessor on events that are about no item's place.
    private mutating func noticeDialect(of event: JSONObject, type: String) {
        let isAboutPlace = type.hasPrefix("conversation.item.") || type.hasSuffix(".committed")
        if !isAboutPlace && event["previous_item_id"] != nil { dialect = .xAI }
    }

    /// A piece of text that is delivered twice would be said twice.
    private mutating func isRepeatedDelta(_ event: JSONObject, type: String) -> Bool {
        guard type.hasSuffix(".delta"), let id = event["event_id"]?.stringValue, !id.isEmpty,
            let delta = event["delta"]?.stringValue
        else { return false }
        // The piece is part of the key, because some gateway may not count its events.
        return !recentDeltas.insert("\(id) \(type) \(delta)")
    }
}
