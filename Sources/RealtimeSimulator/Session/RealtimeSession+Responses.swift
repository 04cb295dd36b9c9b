internal import JSON

extension RealtimeSession {
    /// More out-of-band responses at once are refused.
    private static let responseLimit = 16

    /// The one response that writes to the conversation.
    var activeResponse: ActiveResponse? {
        responses.first { !$0.settings.isOutOfBand }
    }

    mutating func createResponse(_ reader: inout JSONReader) throws(JSONError) {
        guard configuration.kind == .realtime else {
            throw JSONError(
                code: "invalid_event",
                message: "A transcription session makes no responses."
            )
        }
        var settings = ResponseSettings(configuration)
        if var object = try reader.reader("response") {
            var identifiers = self.identifiers
            settings = try ResponseSettings(
                configuration,
                &object,
                makeID: { identifiers.item() },
                findItem: { id in index(of: id).map { items[$0] } }
            )
            self.identifiers = identifiers
        }
        try reader.finish()
        let active = settings.isOutOfBand ? nil : activeResponse
        guard active == nil, responses.count < Self.responseLimit else {
            let id = active?.id ?? responses[0].id
            throw JSONError(
                code: "conversation_already_has_active_response",
                message: "Conversation already has an active response in progress: \(id). "
                    + "Wait until the response is finished before creating a new one."
            )
        }
        begin(settings)
    }

    mutating func cancelResponse(_ reader: inout JSONReader) throws(JSONError) {
        let id = try reader.string("response_id")
        try reader.finish()
        let response = id.map { id in responses.first { $0.id == id } } ?? activeResponse
        guard let response else {
            throw JSONError(
                code: "response_cancel_not_active",
                message: "Cancellation failed: no active response found"
            )
        }
        cancel(response, reason: "client_cancelled")
    }

    /// The user speaks over the answer.
    mutating func interruptResponse() {
        guard let response = activeResponse else { return }
        cancel(response, reason: "turn_detected")
    }

    // MARK: Beginning

    mutating func begin(_ settings: ResponseSettings) {
        disarmIdleTimeout()
        let context = settings.input ?? items
        let answer =
            scenario.nextAnswer().map(Answer.init)
            ?? AnswerWriter(settings: settings, items: context, heardTexts: heardTexts).answer()
        var usage = Usage(
            instructions: settings.instructions,
            tools: settings.tools,
            items: context
        )
        // Whole blocks of what the last response read and wrote are cached, none at first.
        usage.cachedText = min(usage.inputText, lastTextTokens) / 64 * 64
        let effort = settings.effort ?? "low"
        if configuration.model.reasons, effort != "none" { usage.reasoning = 16 }
        var response = ActiveResponse(
            id: identifiers.response(),
            settings: settings,
            answer: answer,
            // The codec of a call is its media's business.
            format: isCall ? .pcm : settings.outputFormat,
            usage: usage
        )
        if case .text = answer, configuration.model.reasons { response.phase = "final_answer" }
        plan(&response)
        responses.append(response)
        schedule(response.id, due: now)
    }

    /// Lays out the steps, with pauses as measured near the real service.
    private func plan(_ response: inout ActiveResponse) {
        if case .failure = response.answer {
            response.steps = [(pauseMs: 30, step: .create), (pauseMs: 30, step: .finish)]
            return
        }
        var pieces = TextPieces.split(response.answer.text)
        if let limit = response.settings.maxOutputTokens, pieces.count > limit {
            pieces.removeLast(pieces.count - limit)
            response.isCut = true
        }
        var steps: [(Double, ActiveResponse.Step)] = [(30, .create), (300, .startItem)]
        if case .text = response.answer { steps.append((6, .openPart)) }
        // The transcript leads its audio by a few words; the rest waits for the audio's length.
        let leading = response.isAudio ? 3 : pieces.count
        steps += pieces.prefix(leading).map { (4, .delta($0)) }
        if response.isAudio {
            steps.append((100, .awaitSpeech))
            steps += pieces.dropFirst(leading).map { (5, .delta($0)) }
        }
        steps.append((5, .finish))
        response.steps = steps.map { (pauseMs: $0.0, step: $0.1) }[...]
    }

    // MARK: Stepping

    /// Puts a response's next step on the agenda.
    private mutating func schedule(_ id: String, due: Duration) {
        guard let response = responses.first(where: { $0.id == id }),
            !response.isWaitingForSpeech, let next = response.steps.first
        else { return }
        agenda.add(.responseStep(responseID: id), at: due + pause(next.pauseMs))
    }

    mutating func stepResponse(_ id: String, due: Duration) {
        guard let index = responses.firstIndex(where: { $0.id == id }),
            let (_, step) = responses[index].steps.popFirst()
        else { return }
        switch step {
        case .create: create(index)
        case .startItem: startItem(index)
        case .openPart: openPart(index)
        case .delta(let text): sendDelta(text, index)
        case .awaitSpeech: awaitSpeech(index)
        case .audio(let bytes): sendAudio(bytes, index)
        case .finish: return finish(responses[index])
        }
        schedule(id, due: due)
    }

    private mutating func create(_ index: Int) {
        responses[index].state = .created
        let response = responses[index]
        emit(
            "response.created",
            [("response", response.json("in_progress", conversationID: conversationID))]
        )
        guard response.isAudio else { return }
        let settings = response.settings
        perform(
            .speak(
                SpeechRequest(
                    text: response.steps.compactMap(\.step.text).joined(),
                    voice: settings.voice.stringValue ?? "custom",
                    speed: settings.speed,
                    format: response.format,
                    responseID: response.id
                )
            )
        )
    }

    private mutating func startItem(_ index: Int) {
        responses[index].itemID = identifiers.item()
        responses[index].callID = identifiers.call()
        responses[index].state = .itemStarted
        let response = responses[index]
        let item = response.item(.inProgress)
        emit("response.output_item.added", response.outputMembers + [("item", item.json())])
        if !response.settings.isOutOfBand { add(item) }
    }

    private mutating func openPart(_ index: Int) {
        responses[index].state = .partOpen
        let response = responses[index]
        emit("response.content_part.added", response.partMembers + [("part", response.part)])
    }

    private mutating func sendDelta(_ text: String, _ index: Int) {
        responses[index].said += text
        responses[index].saidTokens += 1
        let response = responses[index]
        let padding = identifiers.obfuscation(for: text)
        emit(
            response.deltaType,
            response.deltaMembers + [("delta", .string(text)), ("obfuscation", .string(padding))]
        )
    }

    private mutating func sendAudio(_ bytes: [UInt8], _ index: Int) {
        responses[index].audio += bytes
        hasSpoken = true
        let response = responses[index]
        guard !isCall else {
            guard !response.isMuted else { return }
            return play(
                bytes,
                of: response.itemID,
                response.id,
                ms: bytes.count / response.format.bytesPerMs
            )
        }
        emit(
            "response.output_audio.delta",
            response.partMembers + [("delta", .string(Base64.encode(bytes)))]
        )
    }

    // MARK: Speech

    private mutating func awaitSpeech(_ index: Int) {
        guard let audio = responses[index].earlyAudio.take() else {
            responses[index].isWaitingForSpeech = true
            return
        }
        responses[index].weave(audio)
    }

    /// The audio of a response is there; it may have been cancelled meanwhile.
    mutating func continueResponse(_ id: String, with audio: [UInt8]) {
        guard let index = responses.firstIndex(where: { $0.id == id }) else { return }
        guard responses[index].isWaitingForSpeech else {
            responses[index].earlyAudio = audio
            return
        }
        responses[index].isWaitingForSpeech = false
        responses[index].weave(audio)
        schedule(id, due: now)
    }
}

extension ActiveResponse.Step {
    /// The text of a delta that is still to come.
    fileprivate var text: String? {
        if case .delta(let text) = self { text } else { nil }
    }
}

extension ActiveResponse {
    /// The length of one audio delta.
    private static let chunkMs = 200

    /// Lays the audio between what is left of the transcript, so that the transcript stays ahead.
    mutating func weave(_ audio: [UInt8]) {
        let size = Self.chunkMs * format.bytesPerMs
        let chunks = stride(from: 0, to: audio.count, by: size).map {
            Array(audio[$0..<min($0 + size, audio.count)])
        }
        var woven: [(pauseMs: Double, step: Step)] = []
        let deltas = steps.dropLast()
        var next = deltas.startIndex
        for (number, chunk) in chunks.enumerated() {
            // Far faster than real time: 3 s in a quarter of a second.
            woven.append((15, .audio(chunk)))
            let share = deltas.startIndex + (deltas.count * (number + 1)) / max(1, chunks.count - 1)
            while next < min(share, deltas.endIndex) {
                woven.append(deltas[next])
                next += 1
            }
        }
        woven += deltas[next...]
        woven += steps.suffix(1)
        steps = woven[...]
    }

    /// The members that name the output item.
    var outputMembers: [JSONObject.Member] {
        [("response_id", .string(id)), ("output_index", 0)]
    }

    /// The members that name the item and its one part.
    var partMembers: [JSONObject.Member] {
        [
            ("response_id", .string(id)), ("item_id", .string(itemID)), ("output_index", 0),
            ("content_index", 0),
        ]
    }

    var callMembers: [JSONObject.Member] {
        [
            ("response_id", .string(id)), ("item_id", .string(itemID)), ("output_index", 0),
            ("call_id", .string(callID)),
        ]
    }

    fileprivate var deltaMembers: [JSONObject.Member] {
        if case .functionCall = answer { callMembers } else { partMembers }
    }

    fileprivate var deltaType: String {
        if case .functionCall = answer { return "response.function_call_arguments.delta" }
        return isAudio ? "response.output_audio_transcript.delta" : "response.output_text.delta"
    }
}
