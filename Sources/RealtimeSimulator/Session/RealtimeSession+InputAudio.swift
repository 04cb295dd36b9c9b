internal import JSON

extension RealtimeSession {
    /// Upstream's bound on one event.
    private static let appendLimitBytes = 15 * 1_024 * 1_024
    /// Upstream's least length of a turn.
    private static let minimumCommitMs = 100

    mutating func appendAudio(_ reader: inout JSONReader) throws(JSONError) {
        guard let text = try reader.string("audio") else { throw reader.missing("audio") }
        try reader.finish()
        guard text.utf8.count <= Self.appendLimitBytes else {
            throw reader.error(
                "string_above_max_length",
                "Invalid 'audio': expected at most \(Self.appendLimitBytes) bytes.",
                "audio"
            )
        }
        guard let bytes = Base64.decode(text) else {
            throw reader.error("invalid_value", "Invalid 'audio': expected Base64.", "audio")
        }
        hear(bytes)
    }

    /// Audio came in the input buffer's format.
    mutating func hear(_ bytes: [UInt8]) {
        for event in inputAudio.append(bytes) {
            switch event {
            case .speechStarted(let time): speechStarted(atMs: time)
            case .speechStopped(let time, let utterance): speechStopped(atMs: time, utterance)
            }
        }
        if hearsTones { transcribeLive(bytes) }
    }

    mutating func commitAudio(_ reader: inout JSONReader) throws(JSONError) {
        try reader.finish()
        let duration = inputAudio.durationMs
        guard duration >= Self.minimumCommitMs else {
            throw JSONError(
                code: "input_audio_buffer_commit_empty",
                message: "Error committing input audio buffer: the buffer is too small. Expected "
                    + "at least \(Self.minimumCommitMs)ms of audio, but it has \(duration)ms."
            )
        }
        let id = speechItemID ?? identifiers.item()
        speechItemID = nil
        addUserAudio(inputAudio.commit(), id: id)
        releaseTruncations()
    }

    mutating func clearAudio(_ reader: inout JSONReader) throws(JSONError) {
        try reader.finish()
        inputAudio.clear()
        speechItemID = nil
        emit("input_audio_buffer.cleared")
        releaseTruncations()
    }

    // MARK: Turns

    private mutating func speechStarted(atMs time: Int) {
        let id = identifiers.item()
        speechItemID = id
        disarmIdleTimeout()
        emit(
            "input_audio_buffer.speech_started",
            [("audio_start_ms", .integer(Int64(time))), ("item_id", .string(id))]
        )
        if configuration.turnDetection?.interruptsResponse ?? false {
            // Of a call the server knows what was heard; of a socket's session its client does.
            let cut = clearPlayback()
            interruptResponse()
            truncate(cut)
        }
    }

    private mutating func speechStopped(
        atMs time: Int,
        _ utterance: InputAudioBuffer.Utterance
    ) {
        let id = speechItemID ?? identifiers.item()
        speechItemID = nil
        emit(
            "input_audio_buffer.speech_stopped",
            [("audio_end_ms", .integer(Int64(time))), ("item_id", .string(id))]
        )
        addUserAudio(utterance, id: id)
        releaseTruncations()
        let creates = configuration.turnDetection?.createsResponse ?? false
        guard creates, configuration.kind == .realtime, activeResponse == nil else { return }
        begin(ResponseSettings(configuration))
    }

    private mutating func addUserAudio(_ utterance: InputAudioBuffer.Utterance, id: String) {
        let previous = items.last.map { JSONValue.string($0.id) } ?? .null
        emit(
            "input_audio_buffer.committed",
            [("previous_item_id", previous), ("item_id", .string(id))]
        )
        var transcription = scenario.nextTranscription(heardMs: utterance.speechMs)
        if hearsTones, !transcription.isFromScript { transcription.text = sentence(of: utterance) }
        let audio = ConversationItem.RecordedAudio(
            bytes: utterance.bytes,
            durationMs: utterance.durationMs
        )
        add(
            ConversationItem(
                id: id,
                status: .completed,
                body: .message(.user, [.inputAudio(audio, transcript: nil)], phase: nil)
            )
        )
        finishItem(id)
        transcribe(id, transcription, durationMs: utterance.durationMs)
    }

    // MARK: Idle timeout

    /// Begins to wait for the user, once the answer has been played.
    mutating func armIdleTimeout(afterPlaybackMs playbackMs: Int) {
        disarmIdleTimeout()
        guard let detection = configuration.turnDetection, detection.kind == .serverVAD,
            let timeout = detection.idleTimeoutMs
        else { return }
        idleSinceMs = inputAudio.clockMs
        agenda.add(.idleTimeout, at: now + .milliseconds(playbackMs + timeout))
    }

    mutating func disarmIdleTimeout() {
        agenda.remove { $0 == .idleTimeout }
    }

    mutating func triggerIdleTimeout() {
        guard speechItemID == nil, activeResponse == nil else { return }
        let id = identifiers.item()
        emit(
            "input_audio_buffer.timeout_triggered",
            [
                ("audio_start_ms", .integer(Int64(idleSinceMs))),
                ("audio_end_ms", .integer(Int64(inputAudio.clockMs))), ("item_id", .string(id)),
            ]
        )
        let note = ConversationItem(
            id: identifiers.item(),
            status: .completed,
            body: .message(.system, [.inputText(Self.idleNote)], phase: nil)
        )
        add(note)
        finishItem(note.id)
        let silence = InputAudioBuffer.Utterance(bytes: [], durationMs: 0, speechMs: 0)
        addUserAudio(silence, id: id)
        begin(ResponseSettings(configuration))
    }

    static let idleNote = "The user has said nothing for a while. Ask whether they are still there."
}
