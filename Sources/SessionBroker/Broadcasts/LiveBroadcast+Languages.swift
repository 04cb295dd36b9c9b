internal import Captions
internal import ContextStore
internal import JSON
internal import WebServer

extension LiveBroadcast {
    /// Opens the languages that are wanted while somebody speaks.
    func openWanted() {
        guard speaker?.isSpeaking == true, endReason == nil else { return }
        for feed in feeds.values where feed.isSource || feed.listeners > 0 { feed.open() }
    }

    /// Closes what nobody has used for a while.
    func closeUnused() {
        let now = loop.now
        let grace = services.graceTime
        let isSilent = speakerLeftAt.map { now - $0 > grace } ?? false
        for feed in feeds.values where feed.isOpen {
            let isUnused = feed.unusedSince.map { now - $0 > grace } ?? false
            if isSilent || (isUnused && !feed.isSource) { feed.close() }
        }
    }

    // MARK: Listeners

    /// A listener comes, or changes its language.
    func join(
        _ listener: Listener,
        in room: ListenerRoom,
        language: String,
        after mark: EventMark?
    ) {
        guard let feed = feeds[language] else { return }
        count(feed, in: room, 1)
        let events = welcome(feed, after: mark)
        let endReason = ending == .done || broadcast.status == .ended ? broadcast.endReason : nil
        room.loop.execute {
            room.add(listener, language, events)
            if let endReason { listener.end(endReason) }
        }
        openWanted()
        startTicking()
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
}
