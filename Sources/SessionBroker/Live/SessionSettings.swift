internal import JSON

/// What upstream was told of a session, so that the next upstream session can be told the same.
///
/// Updates count once upstream confirms them, in their order; a refused one is forgotten.
struct SessionSettings: Sendable {
    /// The session object as it is confirmed.
    private(set) var fields: JSONObject
    private var pending: [JSONObject] = []

    /// Updates that are not confirmed, at most.
    private static let maximumPending = 32

    /// Begins with what the session is opened with.
    init(_ fields: JSONObject) {
        self.fields = fields
    }

    /// Whether upstream begins a response to each of the user's turns (reference, 4.2).
    var answersTurns: Bool {
        guard let detection = fields["audio"]?["input"]?["turn_detection"]?.objectValue else {
            return false
        }
        return detection["create_response"]?.boolValue ?? true
    }

    /// The updates that are not confirmed, to be sent again when upstream is lost.
    var unconfirmed: [JSONObject] { pending }

    /// Another upstream session has taken over, which was opened with these.
    mutating func took(over opened: JSONObject) {
        fields = opened
    }

    /// An update goes upstream.
    mutating func willSend(_ update: JSONObject) {
        guard update["session"]?.objectValue != nil else { return }
        pending.append(update)
        if pending.count > Self.maximumPending { pending.removeFirst() }
    }

    /// Upstream confirmed the oldest update.
    mutating func confirmed() {
        guard !pending.isEmpty else { return }
        let session = pending.removeFirst()["session"]?.objectValue ?? JSONObject()
        fields = Self.merged(session, over: fields)
    }

    /// Upstream refused what this `error` event is about; does nothing when that is no update.
    mutating func refused(_ error: JSONValue) {
        let cause = error["error"]?["event_id"]?.stringValue
        let param = error["error"]?["param"]?.stringValue ?? ""
        guard cause != nil || param.hasPrefix("session") else { return }
        guard let index = pending.firstIndex(where: { $0["event_id"]?.stringValue == cause }) else {
            return
        }
        pending.remove(at: index)
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
