internal import Captions
internal import ContextStore
internal import JSON
internal import WebServer

extension LiveBroadcast {
    // MARK: Coming and going

    /// A listener comes, or changes its language.
    func join(
        _ listener: Listener,
        in room: ListenerRoom,
        language: String,
        after mark: EventMark?
    ) {
        guard let feed = feeds[language] else { return }
        guard listener.isAdmitted(by: tokenHash) else {
            room.loop.execute { listener.refuseToken() }
            return
        }
        count(feed, in: room, 1)
        let events = welcome(feed, after: mark)
        let endReason = isOver ? broadcast.endReason ?? endReason ?? "" : nil
        let last = endReason.flatMap { ended($0, in: feed) }
        let code = endCode
        room.loop.execute {
            room.add(listener, language, events)
            if let endReason { listener.end(last, code, endReason) }
        }
        openWanted()
    }

    /// A listener leaves a language.
    func leave(_ language: String, in room: ListenerRoom) {
        guard let feed = feeds[language] else { return }
        count(feed, in: room, -1)
    }

    private func count(_ feed: LanguageFeed, in room: ListenerRoom, _ change: Int) {
        room.joined += change
        listeners += change
        feed.listeners += change
        feed.unusedSince = feed.listeners > 0 ? nil : loop.now
    }

    /// So many captions somebody gets who is new.
    static let catchUp = 20

    /// What a listener gets first: where it is, what it missed, and what is being said.
    private func welcome(_ feed: LanguageFeed, after mark: EventMark?) -> [BroadcastEvent] {
        var events: [BroadcastEvent] = []
        var isComplete = true
        if let mark, mark.language == feed.language {
            let replay = feed.log.replay(after: mark.number)
            (events, isComplete) = (replay.events, replay.isComplete)
        } else {
            events = feed.log.latest(Self.catchUp)
        }
        let drafts = feed.track.open.filter { !$0.text.isEmpty }.map {
            BroadcastEvent.delta($0.text, of: $0, in: feed.language)
        }
        return [joined(feed, isComplete: isComplete)] + events + drafts
    }

    private func joined(_ feed: LanguageFeed, isComplete: Bool) -> BroadcastEvent {
        BroadcastEvent(
            "broadcast.joined",
            JSONObject(uniqueMembers: [
                ("broadcast_id", .string(id.text)), ("title", .string(settings.title)),
                ("status", .string(broadcast.status.rawValue)),
                ("language", .string(feed.language)),
                ("source_language", .string(settings.sourceLanguage)),
                ("languages", .array(settings.allLanguages.map(JSONValue.string))),
                ("audio", .bool(settings.hasAudio)),
                ("speaking", .bool(speaker?.isSpeaking == true)),
                ("speaker", .integer(speakerNumber)), ("at_ms", .integer(positionMs)),
                ("listeners", .integer(Int64(listeners))),
                ("state", .string(feed.state.name)),
                ("reason", .optional(feed.state.reason?.rawValue)),
                ("events_missing", .bool(!isComplete)),
            ]),
            lasts: true
        )
    }

    // MARK: Letting go

    /// Tells all listeners that it is over, and lets them go.
    func endListeners(_ reason: String) {
        let code = endCode
        let events = feeds.mapValues { ended(reason, in: $0) }
        for room in rooms { room.loop.execute { room.endAll(events, reason, code) } }
    }

    /// The last event of a language; nil where it goes on when the broker is back.
    private func ended(_ reason: String, in feed: LanguageFeed) -> BroadcastEvent? {
        guard endCode == .normal else { return nil }
        return .ended(reason, at: EventMark(feed.language, feed.track.lastNumber))
    }

    /// The token was replaced: those who came by the one before are let go.
    ///
    /// The new one is read behind what was read before, so that the last one wins.
    func tokenReplaced() {
        write { [store, id] in
            guard let broadcast = try? await store.broadcast(id) else { return nil }
            return { $0.admit(only: broadcast.settings.tokenHash) }
        }
    }

    private func admit(only hash: [UInt8]?) {
        tokenHash = hash
        for room in rooms { room.loop.execute { room.dropTokens(but: hash) } }
    }
}
