internal import JSON

// Calls: media that somebody carries, instead of audio in events.

extension RealtimeSession {
    var isCall: Bool { environment.callID != nil }

    /// Somebody carries the call's media and its data channel from now on.
    mutating func mediaBegan(at now: Duration) -> [SessionAction] {
        step(to: now) { session in
            session.isMediaFlowing = true
            // The data channel begins as a socket does; sidebands never see this.
            session.perform(
                .greet(session.event("session.created", [("session", session.sessionJSON)]))
            )
            session.listTools()
        }
    }

    /// Takes the user's audio, PCM whatever the session's format.
    mutating func receiveMedia(_ bytes: [UInt8], at now: Duration) -> [SessionAction] {
        step(to: now) { $0.hear(bytes) }
    }

    /// Plays a piece of a response's speech, which events of a call do not carry.
    mutating func play(_ bytes: [UInt8], of itemID: String, _ responseID: String, ms: Int) {
        guard isMediaFlowing else { return }
        perform(.play(bytes))
        let start = playback.add(ms: ms, itemID: itemID, responseID: responseID, at: now)
        guard let start else { return }
        if start <= now { return playbackStarted(responseID) }
        agenda.add(.playbackStart(responseID: responseID), at: start)
    }

    mutating func playbackStarted(_ responseID: String) {
        emit("output_audio_buffer.started", [("response_id", .string(responseID))])
    }

    /// A response is all made; what was made of it is played to its end, which is told behind
    /// all that is sent now.
    mutating func finishPlayback(of responseID: String) {
        guard let end = playback.end(of: responseID) else { return }
        agenda.add(.playbackEnd(responseID: responseID), at: max(now, end))
    }

    mutating func playbackEnded(_ responseID: String) {
        playback.finish(responseID)
        emit("output_audio_buffer.stopped", [("response_id", .string(responseID))])
    }

    mutating func clearOutputAudio(_ reader: inout JSONReader) throws(JSONError) {
        try reader.finish()
        truncate(clearPlayback())
    }

    /// Stops playing at once.
    ///
    /// - Returns: What was cut, to be truncated once its items are final.
    mutating func clearPlayback() -> [Playback.Piece] {
        let cut = playback.pieces.filter { $0.heardMs(at: now) < $0.ms }
        agenda.remove { entry in
            switch entry {
            case .playbackStart, .playbackEnd: true
            default: false
            }
        }
        for id in playback.responseIDs {
            responses.firstIndex { $0.id == id }.map { responses[$0].isMuted = true }
            emit("output_audio_buffer.cleared", [("response_id", .string(id))])
        }
        playback.clear()
        return cut
    }

    /// Forgets what the user did not hear: the server played it, so that it knows.
    mutating func truncate(_ cut: [Playback.Piece]) {
        for piece in cut {
            guard let index = index(of: piece.itemID), items[index].hasAudio else { continue }
            let heardMs = piece.heardMs(at: now)
            truncate(at: index, endMs: min(heardMs, items[index].audioMs))
            emit(
                "conversation.item.truncated",
                [
                    ("item_id", .string(piece.itemID)), ("content_index", 0),
                    ("audio_end_ms", .integer(Int64(heardMs))),
                ]
            )
        }
    }
}
