internal import JSON

/// What a client asked for and upstream has not confirmed, so that none of it is lost with an upstream
/// session: items in their order, and the request for a response.
///
/// Bounded: beyond ``maximumItems`` or ``maximumBytes`` the oldest are given up.
struct UnconfirmedEvents: Sendable {
    private struct Pending {
        let eventID: String?
        let itemID: String?
        let bytes: [UInt8]
    }

    /// So many items may be unconfirmed.
    static let maximumItems = 64
    /// So many bytes may be unconfirmed.
    static let maximumBytes = 1 << 20

    private var items: [Pending] = []
    private var request: Pending?
    private var itemBytes = 0

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
        case "conversation.item.added": added(event["item"])
        // A response that has said nothing yet can be asked for again.
        case "response.output_item.added", "response.done": request = nil
        case "error": refused(event["error"]?["event_id"]?.stringValue)
        default: break
        }
    }

    /// Upstream confirms items in the order in which they were sent; what it makes itself (speech,
    /// answers, calls) is none of them.
    private mutating func added(_ item: JSONValue?) {
        guard let item, let id = item["id"]?.stringValue else { return }
        if let index = items.firstIndex(where: { $0.itemID == id }) { return remove(index) }
        guard !Self.isUpstreamsOwn(item) else { return }
        if let index = items.firstIndex(where: { $0.itemID == nil }) { remove(index) }
    }

    private static func isUpstreamsOwn(_ item: JSONValue) -> Bool {
        if item["status"] == "in_progress" { return true }
        let parts = item["content"]?.arrayValue ?? []
        return parts.contains { part in
            part["type"] == "input_audio" && part["audio"]?.stringValue == nil
        }
    }

    private mutating func refused(_ eventID: String?) {
        guard let eventID else { return }
        if request?.eventID == eventID { request = nil }
        if let index = items.firstIndex(where: { $0.eventID == eventID }) { remove(index) }
    }

    private mutating func remove(_ index: Int) {
        itemBytes -= items.remove(at: index).bytes.count
    }
}
