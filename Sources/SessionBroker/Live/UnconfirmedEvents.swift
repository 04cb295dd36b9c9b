internal import JSON

/// What a client asked for and upstream has not confirmed, so that none of it is lost with an upstream
/// session: items in their order, and the request for a response.
///
/// Bounded: beyond ``maximumItems`` or ``maximumBytes`` the oldest are given up.
struct UnconfirmedEvents: Sendable {
    private struct Pending {
        let eventID: String?
        let itemID: String?
        /// Whether it is audio, which upstream confirms without the audio.
        let hasAudio: Bool
        let bytes: [UInt8]
    }

    /// So many items may be unconfirmed.
    static let maximumItems = 64
    /// So many bytes may be unconfirmed.
    static let maximumBytes = 1 << 20

    private var items: [Pending] = []
    private var request: Pending?
    private var itemBytes = 0
    /// Items that upstream makes itself of what the user said; only the latest.
    private var committed: [String] = []

    /// Whether nothing is.
    var isEmpty: Bool { items.isEmpty }

    /// The events to send again, in their order.
    var events: [[UInt8]] { items.map(\.bytes) }

    /// The request for a response to send again, if the client made one.
    var responseRequest: [UInt8]? { request?.bytes }

    /// Whether client events of a type matter.
    static func concerns(_ type: String) -> Bool {
        type == "conversation.item.create" || type == "response.create"
    }

    /// An event of the client's goes upstream.
    mutating func sent(_ type: String, _ event: JSONValue, _ bytes: [UInt8]) {
        let pending = Pending(
            eventID: event["event_id"]?.stringValue,
            itemID: event["item"]?["id"]?.stringValue,
            hasAudio: Self.hasAudio(event["item"]),
            bytes: bytes
        )
        switch type {
        case "conversation.item.create":
            items.append(pending)
            itemBytes += bytes.count
            while items.count > Self.maximumItems || itemBytes > Self.maximumBytes {
                itemBytes -= items.removeFirst().bytes.count
            }
        // Out-of-band responses are nobody's turn.
        case "response.create" where event["response"]?["conversation"] != "none":
            request = pending
        default: break
        }
    }

    /// Upstream says something.
    mutating func heard(_ type: String, _ event: JSONValue) {
        guard !event.isOfNoConversation else { return }
        switch type {
        case "input_audio_buffer.committed":
            committed = committed.suffix(7) + [event["item_id"]?.stringValue ?? ""]
        case "conversation.item.added": added(event["item"])
        // A response that has said nothing yet can be asked for again.
        case "response.output_item.added", "response.done": request = nil
        case "error": refused(event["error"])
        default: break
        }
    }

    /// Upstream confirms items in the order in which they were sent; what it makes itself (speech,
    /// answers, calls) is none of them.
    private mutating func added(_ item: JSONValue?) {
        guard let item, let id = item["id"]?.stringValue else { return }
        if let index = items.firstIndex(where: { $0.itemID == id }) { return remove(index) }
        guard item["status"] != "in_progress", !committed.contains(id) else { return }
        let isAudio = Self.hasAudio(item)
        let index = items.firstIndex { $0.itemID == nil && $0.hasAudio == isAudio }
        index.map { remove($0) }
    }

    private static func hasAudio(_ item: JSONValue?) -> Bool {
        (item?["content"]?.arrayValue ?? []).contains { $0["type"] == "input_audio" }
    }

    /// An error names the event that it is about, if that has a name; else what is wrong in it tells
    /// whether it is an item (reference, 10.1).
    private mutating func refused(_ error: JSONValue?) {
        guard let eventID = error?["event_id"]?.stringValue else {
            let param = error?["param"]?.stringValue ?? ""
            guard param.hasPrefix("item") || param == "previous_item_id" else { return }
            items.firstIndex { $0.eventID == nil }.map { remove($0) }
            return
        }
        if request?.eventID == eventID { request = nil }
        if let index = items.firstIndex(where: { $0.eventID == eventID }) { remove(index) }
    }

    private mutating func remove(_ index: Int) {
        itemBytes -= items.remove(at: index).bytes.count
    }
}
