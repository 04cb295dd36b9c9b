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
}
