internal import JSON

extension RealtimeEventReader {
    private typealias ContentKind = TranscriptItem.ContentKind
    typealias Translation = @Sendable (WireEvent) -> [TranscriptEvent]

    /// What a client sends, as far as it matters (the Realtime reference, section 6).
    static let clientTable: [String: Translation] = [
        "conversation.item.create": { event in
            guard let item = event.object["item"].map(WireItem.init) else { return [] }
            let text = item.parts.compactMap(\.text).joined(separator: "\n")
            return [.clientCreatedItem(id: item.id, text: text)]
        },
        "response.create": { event in
            let isOutOfBand = event.object["response"]?["conversation"]?.stringValue == "none"
            return isOutOfBand ? [] : [.responseRequested]
        },
    ]

    /// What a server sends (the Realtime reference, section 7).
    static let serverTable: [String: Translation] =
        sessionTable
        .merging(itemTable) { first, _ in first }
        .merging(speechTable) { first, _ in first }
        .merging(responseTable) { first, _ in first }

    /// Once per connection, but for updates; they also tell the dialect.
    private static let sessionTable: [String: Translation] = [
        "session.created": { $0.transcriptionConfigured },
        "session.updated": { $0.transcriptionConfigured },
        "conversation.created": { _ in [] },
    ]

    private static let itemTable: [String: Translation] = [
        "conversation.item.added": { $0.item { .itemAdded($0, after: $1.predecessor) } },
        "conversation.item.created": { $0.item { .itemAdded($0, after: $1.predecessor) } },
        "conversation.item.done": { $0.item { .itemDone($0, after: $1.predecessor) } },
        "conversation.item.retrieved": { $0.item { item, _ in .itemRetrieved(item) } },
        "conversation.item.deleted": { $0.withItemID { .itemDeleted(id: $0) } },
        "conversation.item.truncated": { event in
            guard let ms = event.integer("audio_end_ms") else { return [] }
            return event.withItemID { .itemTruncated(id: $0, audioEndMs: ms) }
        },
    ]

    private static let speechTable: [String: Translation] = [
        "input_audio_buffer.speech_started": { [.speechStarted(itemID: $0.itemID)] },
        "input_audio_buffer.speech_stopped": { [.speechStopped(itemID: $0.itemID)] },
        "input_audio_buffer.committed": { $0.withItemID { .speechCommitted(itemID: $0) } },
        "input_audio_buffer.timeout_triggered": { $0.withItemID { .idleTimeout(itemID: $0) } },
        transcription("delta"): { $0.span("delta") { .transcriptionDelta($0, $1) } },
        // xAI tells all of it each time.
        transcription("updated"): { $0.span("transcript") { .transcriptionUpdated($0, $1) } },
        transcription("completed"): { event in
            event.span("transcript") { .transcriptionCompleted(event.transcription($0, $1)) }
        },
        transcription("failed"): { event in
            let error = event.object["error"]
            let code = error?["code"]?.stringValue ?? error?["type"]?.stringValue ?? "failed"
            return event.withItemID { .transcriptionFailed(event.span(of: $0), code: code) }
        },
    ]

    private static func transcription(_ name: String) -> String {
        "conversation.item.input_audio_transcription.\(name)"
    }

    private static let responseTable: [String: Translation] = {
        var table: [String: Translation] = [
            "response.created": { event in event.response.map { [.responseCreated($0)] } ?? [] },
            "response.done": { event in event.response.map { [.responseDone($0)] } ?? [] },
            "response.output_item.added": {
                $0.item { .outputItemAdded($0, responseID: $1.responseID) }
            },
            "response.output_item.done": {
                $0.item { .outputItemDone($0, responseID: $1.responseID) }
            },
            "response.content_part.done": { event in
                let part = WirePart.read(event.object["part"] ?? .null)
                guard let text = part.text else { return [] }
                return event.withItemID { .textDone(event.span(of: $0, kind: part.kind), text) }
            },
            "output_audio_buffer.started": { _ in [.outputAudio(itemID: nil, milliseconds: 0)] },
            "response.mcp_call.completed": { progress($0, .completed) },
            "response.mcp_call.failed": { progress($0, .incomplete) },
            "mcp_list_tools.completed": { progress($0, .completed) },
            "mcp_list_tools.failed": { progress($0, .incomplete) },
        ]
        for name in ["output_text", "text", "output_audio_transcript", "audio_transcript"] {
            let isSpoken = name.hasSuffix("transcript")
            let (key, kind) = isSpoken ? ("transcript", .audio) : ("text", ContentKind.text)
            table["response.\(name).delta"] = { event in
                event.span("delta", kind: kind) { .textDelta($0, $1, startMs: event.startMs) }
            }
            table["response.\(name).done"] = { $0.span(key, kind: kind) { .textDone($0, $1) } }
        }
        for name in ["function_call", "mcp_call"] {
            table["response.\(name)_arguments.delta"] = {
                $0.span("delta") { .argumentsDelta(itemID: $0.itemID, $1) }
            }
            table["response.\(name)_arguments.done"] = { event in
                let name = event.object["name"]?.stringValue
                return event.span("arguments") {
                    .argumentsDone(itemID: $0.itemID, $1, name: name)
                }
            }
        }
        return table
    }()

    private static func progress(
        _ event: WireEvent,
        _ status: TranscriptItem.Status
    ) -> [TranscriptEvent] {
        event.withItemID { .callProgressed(itemID: $0, status) }
    }
}
