internal import Captions
internal import ContextStore
internal import WebServer

extension LiveBroadcast {
    /// What loudness may stand behind the last caption and be no speech.
    private static let toldWithinMs: Int64 = 1_000

    /// Stores that nobody speaks, once all that was said is told and stored.
    ///
    /// While it is not, who takes the broadcast up after a crash marks what was not told as missing.
    /// What the store cannot take now is tried again with the next tick.
    func noteSpeakingEnd() {
        guard owesSpeakingEnd, !isWritingSpeakingEnd, speaker == nil, ending == .no, waiting == 0,
            feeds.values.allSatisfy(owesNothing)
        else { return }
        isWritingSpeakingEnd = true
        write { [store, id] in
            let isDone: Bool
            do {
                _ = try await store.endSpeaking(in: id)
                isDone = true
            } catch {
                // Of one that was deleted there is nothing to store.
                isDone = (error as? ContextStoreError)?.mayPass != true
            }
            return { live in
                live.isWritingSpeakingEnd = false
                // Who came meanwhile is written behind this.
                live.owesSpeakingEnd = !isDone
            }
        }
    }

    /// Whether all that was said is told in a language, as far as one can know.
    private func owesNothing(_ feed: LanguageFeed) -> Bool {
        guard let link = feed.link, !link.isIdle else { return true }
        guard feed.track.open.isEmpty else { return false }
        let isCovered = feed.track.coveredMs + Self.toldWithinMs >= lastLoudMs
        let isLate = speakerLeftAt.map { loop.now - $0 > UpstreamLink.drainTime } ?? true
        return isCovered || isLate
    }
}
