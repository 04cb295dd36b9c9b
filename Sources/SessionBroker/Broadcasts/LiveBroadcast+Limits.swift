internal import ContextStore
internal import Logging

/// When a broadcast that is on air ends by itself, and when its speaker is let go.
extension LiveBroadcast {
    /// The time since the broadcast went live.
    var elapsedMs: Int64 {
        guard let startedAt = broadcast.startedAt else { return 0 }
        return max(0, services.wallClockMilliseconds() - startedAt.milliseconds)
    }

    /// Somebody came to speak, or says something.
    func noteActivity() { limits.noteActivity(at: .milliseconds(elapsedMs)) }

    /// Ends it when its time is over.
    ///
    /// A speaker who says nothing for too long is let go, and may come again: people meet in front of a
    /// silent microphone.
    func checkLimits() {
        guard broadcast.status == .live, endReason == nil, !isOver else { return }
        // With nobody there to speak, nothing is used up.
        if speaker?.isSpeaking != true { noteActivity() }
        for case .end(let reason) in limits.events(at: .milliseconds(elapsedMs))
        where endReason == nil {
            logger.info("a broadcast is over its time", metadata: ["reason": .string(reason)])
            if reason == "idle_timeout" { letSpeakerGo(reason) } else { end(reason) {} }
        }
    }

    private func letSpeakerGo(_ reason: String) {
        guard let idle = speaker else { return }
        speaker = nil
        idle.close(Self.idleCode, reason)
        stopped(reason)
    }
}
