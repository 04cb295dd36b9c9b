internal import ContextStore
internal import JSON
internal import Logging
internal import Transcript
internal import WebServer

extension LiveSession {
    /// So many actions may wait for the store until upstream is no longer read.
    static let maximumWaiting = 1_000

    /// Takes in what an event says.
    func take(_ events: [TranscriptEvent]) {
        for event in events { record(reducer.reduce(event, at: now)) }
        scheduleCheckpoint()
    }

    /// Has the store do what the transcript asks for.
    func record(_ actions: [TranscriptAction]) {
        recordCount += actions.count
        waiting += recorder?.record(actions) ?? 0
        updateReading()
    }

    /// The session is known upstream.
    func activate(upstreamID: String?) {
        waiting += recorder?.activate(upstreamID: upstreamID) ?? 0
    }

    /// Some of what waited is on disk.
    func stored(_ items: [StoredItem], done: Int) {
        waiting -= done
        for item in items
        where item.item.status != .inProgress && !view.hides(item.item.upstreamID ?? "") {
            tell { BrokerEvent.stored(item.item, id: $0) }
        }
        updateReading()
    }

    /// Reads upstream unless the client or the store is behind, and the client unless upstream is.
    func updateReading() {
        let isClientBehind = client?.connection?.isCongested == true
        if let connection = upstream?.connection {
            if waiting > Self.maximumWaiting || isClientBehind {
                connection.pauseReading()
            } else {
                connection.resumeReading()
            }
        }
        guard let connection = client?.connection else { return }
        if mayHearClient { connection.resumeReading() } else { connection.pauseReading() }
    }

    /// Whether there is somebody to hear the client, and room.
    private var mayHearClient: Bool {
        guard let connection = upstream?.connection, !isTakingOver else { return false }
        return !connection.isCongested
    }

    private func scheduleCheckpoint() {
        guard let due = reducer.nextCheckpointAt else {
            return timers.cancel(.checkpoint, on: loop)
        }
        timers.start(.checkpoint, on: loop, at: due, now: now) { [weak self] in
            guard let self else { return }
            timers.cancel(.checkpoint, on: loop)
            take([.timePassed])
        }
    }
}
