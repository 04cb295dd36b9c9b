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
        let answers =
            scenario.nextAnswer()?.outputs
            ?? [AnswerWriter(settings: settings, items: context, heardTexts: heardTexts).answer()]
        var usage = Usage(
            instructions: settings.instructions,
            tools: settings.tools,
            items: context
        )
        // Whole blocks of what the last response read and wrote are cached, none at first.
        usage.cachedText = min(usage.inputText, lastTextTokens) / 64 * 64
        let effort = settings.effort ?? "low"
        if configuration.model.reasons, effort != "none" { usage.reasoning = 16 }
        let id = identifiers.response()
        var response = ActiveResponse(
            id: id,
            settings: settings,
            failure: answers.lazy.compactMap { answer in
                if case .failure(let error) = answer { error } else { nil }
            }.first,
            outputs: outputs(answers, of: id, settings),
            usage: usage
        )
        response.plan()
        responses.append(response)
        schedule(response.id, due: now)
    }

    private func outputs(
        _ answers: [Answer],
        of id: String,
        _ settings: ResponseSettings
    ) -> [ResponseOutput] {
        let reasons = configuration.model.reasons
        // Older models say nothing while they work.
        let answers = answers.filter { reasons || $0.phase != "commentary" }
        return answers.enumerated().map { index, answer in
            ResponseOutput(
                responseID: id,
                index: index,
                answer: answer,
                isAudio: answer.isSpoken && settings.modality == .audio,
                // The codec of a call is its media's business.
                format: isCall ? .pcm : settings.outputFormat,
                phase: reasons ? answer.phase : nil
            )
        }
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
        case .startItem(let output): startItem(index, output)
        case .openPart(let output): openPart(index, output)
        case .delta(let output, let text): sendDelta(text, index, output)
        case .awaitSpeech(let output): awaitSpeech(index, output)
        case .audio(let output, let bytes): sendAudio(bytes, index, output)
        case .callTool(let output): callTool(index, output)
        case .takeResult(let output): takeResult(index, output)
        case .close(let output): close(index, output, .completed)
        case .finish: return finish(responses[index])
        }
        schedule(id, due: due)
    }

    private mutating func create(_ index: Int) {
        responses[index].isCreated = true
        let response = responses[index]
        emit(
            "response.created",
            [("response", response.json("in_progress", conversationID: conversationID))]
        )
        let settings = response.settings
        for output in response.outputs where output.isAudio {
            perform(
                .speak(
                    SpeechRequest(
                        text: response.text(of: output.index),
                        voice: settings.voice.stringValue ?? "custom",
                        speed: settings.speed,
                        format: output.format,
                        responseID: response.id,
                        outputIndex: output.index
                    )
                )
            )
        }
    }

    private mutating func startItem(_ index: Int, _ output: Int) {
        responses[index].outputs[output].itemID = identifiers.item()
        responses[index].outputs[output].callID = identifiers.call()
        responses[index].outputs[output].state = .itemStarted
        let started = responses[index].outputs[output]
        let item = started.item(.inProgress)
        emit("response.output_item.added", started.outputMembers + [("item", item.json())])
        if !responses[index].settings.isOutOfBand { add(item) }
    }

    private mutating func openPart(_ index: Int, _ output: Int) {
        responses[index].outputs[output].state = .partOpen
        let opened = responses[index].outputs[output]
        emit("response.content_part.added", opened.partMembers + [("part", opened.part)])
    }

    private mutating func sendDelta(_ text: String, _ index: Int, _ output: Int) {
        responses[index].outputs[output].said += text
        responses[index].outputs[output].saidTokens += 1
        let speaking = responses[index].outputs[output]
        let padding = identifiers.obfuscation(for: text)
        emit(
            speaking.deltaType,
            speaking.deltaMembers + [("delta", .string(text)), ("obfuscation", .string(padding))]
        )
    }

    private mutating func sendAudio(_ bytes: [UInt8], _ index: Int, _ output: Int) {
        responses[index].outputs[output].audio += bytes
        hasSpoken = true
        let isMuted = responses[index].isMuted
        let speaking = responses[index].outputs[output]
        guard isCall else {
            emit(
                "response.output_audio.delta",
                speaking.partMembers + [("delta", .string(Base64.encode(bytes)))]
            )
            return
        }
        guard !isMuted else { return }
        let ms = bytes.count / speaking.format.bytesPerMs
        play(bytes, of: speaking.itemID, speaking.responseID, ms: ms)
    }

    // MARK: Speech

    private mutating func awaitSpeech(_ index: Int, _ output: Int) {
        guard let audio = responses[index].outputs[output].earlyAudio.take() else {
            responses[index].outputs[output].isWaitingForSpeech = true
            return
        }
        responses[index].weave(audio, into: output)
    }

    /// The audio of an output is there; its response may have been cancelled meanwhile.
    mutating func continueResponse(_ request: SpeechRequest, with audio: [UInt8]) {
        let output = request.outputIndex
        guard let index = responses.firstIndex(where: { $0.id == request.responseID }) else {
            return
        }
        guard responses[index].outputs[output].isWaitingForSpeech else {
            responses[index].outputs[output].earlyAudio = audio
            return
        }
        responses[index].outputs[output].isWaitingForSpeech = false
        responses[index].weave(audio, into: output)
        schedule(request.responseID, due: now)
    }
}
