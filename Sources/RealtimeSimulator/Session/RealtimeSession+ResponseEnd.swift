internal import JSON

extension RealtimeSession {
    /// The answer is out.
    mutating func finish(_ response: ActiveResponse) {
        if case .failure(let error) = response.answer {
            let details: JSONValue = ["type": "failed", "error": .object(error)]
            return end(response, "failed", .incomplete, details: details)
        }
        guard response.isCut else { return end(response, "completed", .completed) }
        let details: JSONValue = ["type": "incomplete", "reason": "max_output_tokens"]
        end(response, "incomplete", .incomplete, details: details)
    }

    /// Ends a response early; what was said of it stays.
    mutating func cancel(_ response: ActiveResponse, reason: String) {
        if response.state == .requested {
            emit(
                "response.created",
                [("response", response.json("in_progress", conversationID: conversationID))]
            )
        }
        end(
            response,
            "cancelled",
            .incomplete,
            details: ["type": "cancelled", "reason": .string(reason)]
        )
    }

    private mutating func end(
        _ response: ActiveResponse,
        _ status: String,
        _ itemStatus: ConversationItem.Status,
        details: JSONValue = .null
    ) {
        responses.removeAll { $0.id == response.id }
        agenda.remove { $0 == .responseStep(responseID: response.id) }
        var output: [JSONValue] = []
        if response.state == .itemStarted || response.state == .partOpen {
            let item = response.item(itemStatus)
            closePart(response)
            close(item, response)
            output = [item.json()]
        }
        let usage = finalUsage(response)
        emit(
            "response.done",
            [
                (
                    "response",
                    response.json(
                        status,
                        details: details,
                        output: output,
                        usage: usage.json,
                        conversationID: conversationID
                    )
                )
            ]
        )
        // Behind the rate limits, if there are any.
        defer { finishPlayback(of: response.id) }
        // None was ever seen behind a response that was cancelled or failed.
        guard status != "cancelled", status != "failed" else { return }
        emit("rate_limits.updated", [("rate_limits", [rateLimits(usage)])])
        if !response.settings.isOutOfBand { armIdleTimeout(afterPlaybackMs: response.audioMs) }
    }

    private mutating func closePart(_ response: ActiveResponse) {
        let text: JSONValue = .string(response.said)
        if case .functionCall(let name, _) = response.answer {
            emit(
                "response.function_call_arguments.done",
                response.callMembers + [("name", .string(name)), ("arguments", text)]
            )
            return
        }
        guard response.state == .partOpen else { return }
        if response.isAudio {
            emit("response.output_audio.done", response.partMembers)
            emit(
                "response.output_audio_transcript.done",
                response.partMembers + [("transcript", text)]
            )
        } else {
            emit("response.output_text.done", response.partMembers + [("text", text)])
        }
        emit("response.content_part.done", response.partMembers + [("part", response.part)])
    }

    private mutating func close(_ item: ConversationItem, _ response: ActiveResponse) {
        if !response.settings.isOutOfBand, let index = index(of: item.id) {
            items[index] = item
            storedAudioBytes += item.storedBytes
            forgetOldest()
            finishItem(item.id, isFromResponse: true)
        }
        emit("response.output_item.done", response.outputMembers + [("item", item.json())])
    }

    private mutating func finalUsage(_ response: ActiveResponse) -> Usage {
        if case .failure = response.answer { return Usage() }
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
