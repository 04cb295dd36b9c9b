internal import JSON

extension RealtimeSession {
    /// The answer is out.
    mutating func finish(_ response: ActiveResponse) {
        if let failure = response.failure {
            let details: JSONValue = ["type": "failed", "error": .object(failure)]
            return end(response, "failed", details: details)
        }
        guard response.isCut else { return end(response, "completed") }
        let details: JSONValue = ["type": "incomplete", "reason": "max_output_tokens"]
        end(response, "incomplete", details: details)
    }

    /// Ends a response early; what was said of it stays.
    mutating func cancel(_ response: ActiveResponse, reason: String) {
        if !response.isCreated {
            emit(
                "response.created",
                [("response", response.json("in_progress", conversationID: conversationID))]
            )
        }
        end(response, "cancelled", details: ["type": "cancelled", "reason": .string(reason)])
    }

    private mutating func end(
        _ response: ActiveResponse,
        _ status: String,
        details: JSONValue = .null
    ) {
        agenda.remove { $0 == .responseStep(responseID: response.id) }
        guard let index = responses.firstIndex(where: { $0.id == response.id }) else { return }
        for output in response.outputs where output.isOpen {
            close(index, output.index, .incomplete)
        }
        let ended = responses.remove(at: index)
        let output = ended.outputs.filter { $0.state == .closed }.map { closed in
            let wasCut = response.outputs[closed.index].isOpen
            return closed.item(wasCut ? .incomplete : .completed).json()
        }
        let usage = finalUsage(ended)
        emit(
            "response.done",
            [
                (
                    "response",
                    ended.json(
                        status,
                        details: details,
                        output: output,
                        usage: usage.json,
                        conversationID: conversationID
                    )
                )
            ]
        )
        finishPlayback(of: ended.id)
        // None was ever seen behind a response that was cancelled or failed.
        guard status != "cancelled", status != "failed" else { return }
        emit("rate_limits.updated", [("rate_limits", [rateLimits(usage)])])
        if !ended.settings.isOutOfBand { armIdleTimeout(afterPlaybackMs: ended.audioMs) }
    }

    /// Tells that an output item is final.
    mutating func close(_ index: Int, _ number: Int, _ status: ConversationItem.Status) {
        let output = responses[index].outputs[number]
        closePart(output)
        responses[index].outputs[number].state = .closed
        let item = output.item(status)
        if !responses[index].settings.isOutOfBand, let place = self.index(of: item.id) {
            items[place] = item
            storedAudioBytes += item.storedBytes
            forgetOldest()
            finishItem(item.id, isFromResponse: true)
        }
        emit("response.output_item.done", output.outputMembers + [("item", item.json())])
    }

    private mutating func closePart(_ output: ResponseOutput) {
        let text: JSONValue = .string(output.said)
        switch output.answer {
        case .functionCall(let name, _):
            emit(
                "response.function_call_arguments.done",
                output.callMembers + [("name", .string(name)), ("arguments", text)]
            )
        case .mcpCall, .failure: break
        case .text, .commentary:
            guard output.state == .partOpen else { return }
            if output.isAudio {
                emit("response.output_audio.done", output.partMembers)
                emit(
                    "response.output_audio_transcript.done",
                    output.partMembers + [("transcript", text)]
                )
            } else {
                emit("response.output_text.done", output.partMembers + [("text", text)])
            }
            emit("response.content_part.done", output.partMembers + [("part", output.part)])
        }
    }

    private mutating func finalUsage(_ response: ActiveResponse) -> Usage {
        guard response.failure == nil else { return Usage() }
        var usage = response.usage
        usage.outputText = response.saidTokens + (response.saidTokens > 0 ? 4 : 0)
        usage.outputAudio = Usage.assistantAudioTokens(ms: response.audioMs)
        if !response.settings.isOutOfBand {
            lastTextTokens = usage.inputText + usage.outputText
        }
        return usage
    }

    /// A single entry for tokens, as recorded, with a bucket that refills within a minute.
    private func rateLimits(_ usage: Usage) -> JSONValue {
        let limit: Int64 = 15_000_000
        let used = Int64(usage.input + usage.output)
        let seconds = (Double(used) * 60_000 / Double(limit)).rounded(.up) / 1_000
        let entry: JSONObject = [
            "name": "tokens", "limit": .integer(limit), "remaining": .integer(limit - used),
            "reset_seconds": .number(seconds),
        ]
        return .object(entry.merging(scenario.rateLimits ?? JSONObject()))
    }
}
