internal import Glibc
internal import JSON

/// One event as it came, read tolerantly.
struct WireEvent {
    let object: JSONObject
    let dialect: RealtimeEventReader.Dialect

    init(_ object: JSONObject, _ dialect: RealtimeEventReader.Dialect) {
        self.object = object
        self.dialect = dialect
    }

    /// The item that it is about; never empty.
    var itemID: String? {
        object["item_id"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    var responseID: String? { object["response_id"]?.stringValue }

    /// An integer, rounded if it has a fraction.
    func integer(_ key: String) -> Int? {
        object[key]?.doubleValue.flatMap { Int(exactly: $0.rounded()) }
    }

    /// Where a piece begins in its audio; xAI tells it in seconds.
    var startMs: Int? {
        object["start_time"]?.doubleValue.flatMap { Int(exactly: ($0 * 1_000).rounded()) }
    }

    /// Where its item stands, as far as the provider can be believed.
    var predecessor: ItemPredecessor {
        guard dialect == .openAI, let place = object["previous_item_id"] else { return .unknown }
        switch place {
        case .null, .string("root"): return .first
        case .string(let id) where !id.isEmpty: return .item(id)
        default: return .unknown
        }
    }

    /// An event about the item that it holds.
    func item(_ make: (ItemSnapshot, WireEvent) -> TranscriptEvent) -> [TranscriptEvent] {
        guard let snapshot = object["item"].flatMap({ WireItem($0).snapshot }) else { return [] }
        return [make(snapshot, self)]
    }

    /// An event about the item that it names.
    func withItemID(_ make: (String) -> TranscriptEvent) -> [TranscriptEvent] {
        itemID.map { [make($0)] } ?? []
    }

    /// A part of an item that it names.
    func span(of id: String, kind: TranscriptItem.ContentKind = .text) -> TextSpan {
        let part = integer("content_index") ?? 0
        return TextSpan(itemID: id, part: part, kind: kind, responseID: responseID)
    }

    /// An event about a text in a part of an item.
    func span(
        _ key: String,
        kind: TranscriptItem.ContentKind = .text,
        _ make: (TextSpan, String) -> TranscriptEvent
    ) -> [TranscriptEvent] {
        guard let id = itemID, let text = object[key]?.stringValue else { return [] }
        return [make(span(of: id, kind: kind), text)]
    }

    /// Whether the session transcribes, where it says so; the second name is the beta's.
    var transcriptionConfigured: [TranscriptEvent] {
        let session = object["session"]
        let told =
            session?["audio"]?["input"]?["transcription"] ?? session?["input_audio_transcription"]
        return told.map { [.transcriptionConfigured($0 != .null)] } ?? []
    }

    /// A transcript; xAI repeats it as it grows, and says of the last one that it is complete.
    func transcription(_ span: TextSpan, _ text: String) -> Transcription {
        let probabilities = (object["logprobs"]?.arrayValue ?? [])
            .compactMap { $0["logprob"]?.doubleValue }
            .map { min(1, exp($0)) }
        let sum = probabilities.reduce(0, +)
        return Transcription(
            span,
            text,
            isFinal: object["status"]?.stringValue != "in_progress",
            confidence: probabilities.isEmpty ? nil : sum / Double(probabilities.count),
            usage: TokenUsage(wire: object["usage"])
        )
    }

    /// The response that it holds; xAI tells the usage beside it.
    var response: ResponseSnapshot? {
        guard let response = object["response"]?.objectValue,
            let id = response["id"]?.stringValue ?? responseID, !id.isEmpty
        else { return nil }
        let output = response["output"]?.arrayValue ?? []
        return ResponseSnapshot(
            id: id,
            status: response["status"]?.stringValue.flatMap(ResponseStatus.init),
            // Only one that says "none of them" is out of band; some providers do not say.
            conversation: response["conversation_id"] == .null ? .none : .joined,
            output: output.compactMap { WireItem($0).snapshot },
            usage: TokenUsage(wire: response["usage"]) ?? TokenUsage(wire: object["usage"])
        )
    }
}
