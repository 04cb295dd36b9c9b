internal import Captions
internal import ContextStore
internal import JSON
internal import WebServer

extension LiveBroadcast {
    /// The close code for a speaker in whose place another one speaks.
    static let takenOverCode: WebSocketCloseCode = 4_409
    /// Nothing was said for too long.
    static let idleCode: WebSocketCloseCode = 4_408
    /// The silence behind the last word, by which upstream knows that it was the last.
    private static let closingSilenceMs = 600

    // MARK: Coming and going

    /// Somebody comes to speak; whoever spoke until now is told so, and let go.
    func arrive(_ side: SpeakerSide) {
        guard endReason == nil, broadcast.status != .ended else {
            return side.close(endCode, endReason ?? broadcast.endReason ?? "")
        }
        if let old = speaker {
            speaker = nil
            old.close(Self.takenOverCode, "another speaker has taken over")
            if old.isSpeaking { stopped("replaced") }
        }
        speaker = side
        write { [store, id] in
            let result: Result<Broadcast, any Error>
            do {
                result = .success(try await store.beginSpeaking(in: id))
            } catch {
                result = .failure(error)
            }
            return { $0.begin(side, result) }
        }
    }

    private func begin(_ side: SpeakerSide, _ result: Result<Broadcast, any Error>) {
        if case .success(let begun) = result {
            broadcast = begun
            owesSpeakingEnd = true
        }
        guard speaker === side else { return }
        guard case .success(let begun) = result else {
            speaker = nil
            return side.close(.internalError, "the broadcast cannot be spoken in")
        }
        speakerNumber = begun.speakers
        speakerLeftAt = nil
        speech.skip(toMs: elapsedMs)
        noteActivity()
        side.isSpeaking = true
        publish(.speakerStarted(speakerNumber, atMs: positionMs), toAll: true)
        side.send(
            BroadcastEvent(
                "speaker.ready",
                [
                    "broadcast_id": .string(id.text), "speaker": .integer(speakerNumber),
                    "at_ms": .integer(positionMs),
                ]
            )
        )
        openWanted()
        updateSpeaker()
    }

    /// A speaker's connection is over.
    func leave(_ side: SpeakerSide, _ closure: WebSocketClosure) {
        guard speaker === side else { return }
        speaker = nil
        guard side.isSpeaking else { return }
        stopped(closure.code == .abnormal ? "lost" : "closed")
    }

    /// Nobody speaks any more, for a reason that listeners are told.
    func stopped(_ reason: String) {
        append([UInt8](repeating: 0, count: Self.closingSilenceMs * 48))
        sendPartialFrame()
        speakerLeftAt = loop.now
        publish(
            .speakerStopped(speakerNumber, atMs: positionMs, reason: reason),
            toAll: true
        )
    }

    /// Writes something of the speakers, behind what was begun before.
    func write(
        _ work: @escaping @Sendable () async -> (@Sendable (LiveBroadcast) -> Void)?
    ) {
        speakerWrites = Task { [self, speakerWrites] in
            await speakerWrites?.value
            if let then = await work() { onLoop(then) }
        }
    }

    // MARK: Audio

    /// Audio of the speaker's, at 24 kHz.
    func hear(_ bytes: [UInt8], from side: SpeakerSide) {
        guard speaker === side, side.isSpeaking, endReason == nil else { return }
        if speech.hasPaused(atMs: elapsedMs) {
            sendPartialFrame()
            speech.skip(toMs: elapsedMs)
        }
        append(bytes)
        updateSpeaker()
    }

    private func append(_ bytes: [UInt8]) {
        partialFrame += bytes
        var start = 0
        while start + AudioFrame.byteCount <= partialFrame.count {
            send(Array(partialFrame[start..<start + AudioFrame.byteCount]))
            start += AudioFrame.byteCount
        }
        partialFrame.removeFirst(start)
    }

    private func sendPartialFrame() {
        guard !partialFrame.isEmpty else { return }
        send(partialFrame)
        partialFrame = []
    }

    private func send(_ bytes: [UInt8]) {
        var frame = AudioFrame(bytes, startMs: 0)
        frame.startMs = speech.append(frame.endMs, isLoud: frame.isLoud, atMs: elapsedMs)
        if frame.isLoud { noteActivity() }
        for feed in feeds.values where feed.link?.kind.hearsAudio == true {
            feed.link?.append(frame)
        }
    }

    /// Hears the speaker unless upstream or the store is behind.
    func updateSpeaker() {
        guard let speaker, let connection = speaker.connection else { return }
        let isBehind = source?.link?.isCongested == true || waiting > Self.maximumWaiting
        if speaker.isSpeaking, !isBehind {
            connection.resumeReading()
        } else {
            connection.pauseReading()
        }
    }

    // MARK: Ending

    /// Ends the broadcast, once what was said is told; then calls `done`.
    func end(_ reason: String, done: @escaping @Sendable () -> Void) {
        guard !isOver else { return done() }
        endWaiters.append(done)
        guard endReason == nil else { return }
        endReason = reason
        if let side = speaker {
            speaker = nil
            side.close(.normal, reason)
            if side.isSpeaking { stopped("ended") }
        }
        ending = .audio
        for feed in feeds.values where feed.link?.kind.hearsAudio == true { feed.close() }
        // Longer than any session may take to say what it owes.
        loop.schedule(after: UpstreamLink.drainTime * 2 + .seconds(2)) { [weak self] in
            for feed in self?.feeds.values.map({ $0 }) ?? [] { feed.link?.abandon() }
        }
        noteIdle()
    }

    /// Lets everybody go because the broker stops; what was begun to be told is kept.
    func shutDown() {
        for feed in feeds.values { feed.cut(.brokerRestarted) }
        abandon("shutdown", code: .goingAway)
    }

    /// Ends the broadcast at once; nothing more is written of it.
    func abandon(_ reason: String, code: WebSocketCloseCode) {
        endReason = endReason ?? reason
        ending = .done
        isOver = true
        isLetGo = true
        endCode = code
        speaker?.close(code, reason)
        speaker = nil
        for feed in feeds.values { feed.link?.abandon() }
        endListeners(reason)
        stayForSockets()
        releaseEndWaiters()
    }

    private func releaseEndWaiters() {
        for done in endWaiters { done() }
        endWaiters = []
    }

    /// Sockets that are being closed refer to this without owning it.
    private func stayForSockets() {
        loop.schedule(after: UpstreamLink.drainTime * 3) { withExtendedLifetime(self) {} }
    }

    /// Something upstream is over; at the end, what is due next.
    func noteIdle() {
        let isIdle: (Bool) -> Bool = { [feeds] hearsAudio in
            feeds.values.allSatisfy {
                $0.link.map { $0.isIdle || $0.kind.hearsAudio != hearsAudio } ?? true
            }
        }
        switch ending {
        case .no, .done: return
        case .audio:
            guard isIdle(true) else { return }
            ending = .captions
            afterFlush { live in
                for feed in live.feeds.values where feed.link != nil { feed.close() }
                live.finishIfIdle()
            }
        case .captions: finishIfIdle()
        }
    }

    private func finishIfIdle() {
        guard ending == .captions, feeds.values.allSatisfy({ $0.link?.isIdle != false }),
            let endReason
        else { return }
        ending = .done
        write { [store, id, recorder] in
            await recorder?.flush()
            let ended = try? await store.endBroadcast(id, reason: endReason, once: nil)
            return { $0.ended(ended?.value) }
        }
    }

    private func ended(_ ended: Broadcast?) {
        if let ended { broadcast = ended }
        isOver = true
        owesSpeakingEnd = false
        endListeners(endReason ?? "")
        stayForSockets()
        releaseEndWaiters()
    }

    private func afterFlush(_ body: @escaping @Sendable (LiveBroadcast) -> Void) {
        Task { [self, recorder] in
            await recorder?.flush()
            onLoop(body)
        }
    }
}
