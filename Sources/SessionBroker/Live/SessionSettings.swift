internal import JSON

/// What upstream was told of a session, so that the next upstream session can be told the same.
///
/// Updates count once upstream confirms them, in their order; a refused one is forgotten.
struct SessionSettings: Sendable {
    /// The session object as it is confirmed.
    private(set) var fields: JSONObject { didSet { detectsTurns = turnDetection != .null } }
    /// Whether upstream finds out by itself when the user speaks; else the client says so.
    private(set) var detectsTurns: Bool
    private var pending: [Update] = []

    private struct Update {
        let eventID: String?
        /// Nil for one that is too large to be kept; it is not carried over.
        let event: JSONObject?
        /// Whether it is the broker's own, who tells the next upstream session itself.
        var isBrokers = false
    }

    /// Updates that are not confirmed, at most.
    private static let maximumPending = 32
    /// A larger update is not kept.
    static let maximumBytes = 256 * 1_024

    /// Begins with what the session is opened with.
    init(_ fields: JSONObject) {
        self.fields = fields
        detectsTurns = true
        detectsTurns = turnDetection != .null
    }

    /// Whether upstream begins a response to each of the user's turns (reference, 4.2).
    var answersTurns: Bool {
        guard let detection = turnDetection?.objectValue else { return false }
        return detection["create_response"]?.boolValue ?? true
    }

    private var turnDetection: JSONValue? { fields["audio"]?["input"]?["turn_detection"] }

    /// The client's updates that are not confirmed, to be sent again when upstream is lost.
    var unconfirmed: [JSONObject] {
        pending.compactMap { $0.isBrokers ? nil : $0.event }
    }

    /// Another upstream session has taken over with these fields; `correction` is what the broker
    /// tells it before anything of the client's.
    mutating func took(over fields: JSONObject, _ correction: JSONObject?) {
        self.fields = fields
        pending.removeAll { $0.isBrokers }
        guard let correction else { return }
        let eventID = correction["event_id"]?.stringValue
        pending.insert(Update(eventID: eventID, event: correction, isBrokers: true), at: 0)
    }

    /// An update of the client's goes upstream, of so many bytes.
    mutating func willSend(_ update: JSONObject, bytes: Int = 0) {
        guard update["session"]?.objectValue != nil else { return }
        pending.append(
            Update(
                eventID: update["event_id"]?.stringValue,
                event: bytes <= Self.maximumBytes ? update : nil
            )
        )
        if pending.count > Self.maximumPending { pending.removeFirst() }
    }

    /// Upstream confirmed the oldest update.
    mutating func confirmed() {
        guard !pending.isEmpty else { return }
        let session = pending.removeFirst().event?["session"]?.objectValue ?? JSONObject()
        fields = Self.merged(session, over: fields)
    }

    /// Upstream told the settings of a call, whoever set them.
    mutating func observed(_ session: JSONValue?) {
        guard let session = session?.objectValue else { return }
        fields = Self.merged(session, over: fields)
    }

    /// Upstream refused what this `error` event is about; does nothing when that is no update.
    mutating func refused(_ error: JSONValue) {
        let cause = error["error"]?["event_id"]?.stringValue
        guard cause != nil || Self.isAboutUpdates(error) else { return }
        var index = pending.firstIndex { $0.eventID == cause }
        // Not every provider says which event it is about.
        if cause == nil, index == nil { index = pending.indices.first }
        if let index { pending.remove(at: index) }
    }

    /// Whether an error that names no event is about a `session.update` (reference, 10.2).
    private static func isAboutUpdates(_ error: JSONValue) -> Bool {
        let param = error["error"]?["param"]?.stringValue ?? ""
        let code = error["error"]?["code"]?.stringValue ?? ""
        return param.hasPrefix("session") || code.hasPrefix("cannot_update_")
    }

    /// Objects merge as deep as `audio.input`, as upstream merges them; all else is replaced.
    private static func merged(_ update: JSONObject, over fields: JSONObject) -> JSONObject {
        var merged = fields
        for (key, value) in update.members {
            if ["audio", "input", "output"].contains(key), let new = value.objectValue,
                let old = fields[key]?.objectValue
            {
                merged[key] = .object(Self.merged(new, over: old))
            } else {
                merged[key] = value
            }
        }
        return merged
    }
}
