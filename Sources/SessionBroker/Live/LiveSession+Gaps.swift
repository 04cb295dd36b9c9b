internal import ContextStore
internal import JSON
internal import Transcript
internal import WebServer

// A call goes on while its sideband is away, or while the broker is. What was said in it then is asked
// for, and what the broker had to say is said afterwards.
extension LiveSession {
    /// A sideband that was away asks for what it may have missed of items in progress.
    func fillGap() {
        guard plan.carrier != .relay else { return }
        if wasAway {
            wasAway = false
            let known = reducer.unfinishedItemIDs
            for id in Set(missing.keys).subtracting(known).sorted() + known { retrieve(id) }
        } else if plan.isResumed {
            fillGapOfCrash()
        }
    }

    /// Of what was in progress before a restart, and of calls without an answer, only the store knows.
    private func fillGapOfCrash() {
        let (store, id) = (plan.store, plan.session.id)
        Task { [self] in
            guard let items = try? await store.unfinishedItems(of: id) else { return }
            onLoop { session in for item in items { session.retrieve(item) } }
        }
    }

    /// Asks for the item before one that was added, when nobody told of it.
    func fillGap(before event: JSONValue) {
        guard plan.carrier != .relay, let id = event["previous_item_id"]?.stringValue,
            !reducer.knows(itemID: id)
        else { return }
        retrieve(id)
    }

    private func retrieve(_ itemID: String) {
        guard missing.count < Self.maximumMissing else { return }
        let eventID = makeEventID()
        missing[itemID] = eventID
        sendUpstream([
            "type": "conversation.item.retrieve", "event_id": .string(eventID),
            "item_id": .string(itemID),
        ])
    }

    /// An item that was asked for, which may be a call that waits for its answer.
    func retrieved(_ event: JSONValue) {
        guard let item = event["item"], let id = item["id"]?.stringValue else { return }
        missing[id] = nil
        perform(desk.recover(item))
    }

    /// Tells a call what the broker had to say while the sideband was away.
    func catchUp(on side: UpstreamSide, requestIsOwed: Bool) {
        for event in unconfirmed.events { side.connection?.send(.text(event)) }
        if requestIsOwed { perform([.requestResponse]) }
    }
}
