internal import JSON

extension RealtimeSession {
    mutating func createItem(_ reader: inout JSONReader) throws(JSONError) {
        guard var itemReader = try reader.reader("item") else { throw reader.missing("item") }
        let previousID = try reader.string("previous_item_id")
        try reader.finish()
        var identifiers = self.identifiers
        let item = try ConversationItem(&itemReader) { identifiers.item() }
        self.identifiers = identifiers
        guard index(of: item.id) == nil else {
            throw itemReader.error(
                "invalid_value",
                "An item with the id '\(item.id)' is in the conversation already.",
                "id"
            )
        }
        let position = try position(behind: previousID, reader)
        add(item, at: position)
        finishItem(item.id)
    }

    private func position(
        behind previousID: String?,
        _ reader: JSONReader
    ) throws(JSONError) -> Int {
        switch previousID {
        case nil: return items.count
        case "root": return 0
        case let id?:
            guard let index = index(of: id) else {
                throw reader.error(
                    "invalid_value",
                    "There is no item '\(id)' in the conversation.",
                    "previous_item_id"
                )
            }
            return index + 1
        }
    }

    mutating func retrieveItem(_ reader: inout JSONReader) throws(JSONError) {
        let index = try itemIndex(&reader, code: "item_retrieve_invalid_item_id", "retrieving")
        try reader.finish()
        emit("conversation.item.retrieved", [("item", items[index].json(withAudio: true))])
    }

    mutating func deleteItem(_ reader: inout JSONReader) throws(JSONError) {
        let index = try itemIndex(&reader, code: "item_delete_invalid_item_id", "deleting")
        try reader.finish()
        let item = items.remove(at: index)
        storedAudioBytes -= item.storedBytes
        emit("conversation.item.deleted", [("item_id", .string(item.id))])
    }

    mutating func truncateItem(_ reader: inout JSONReader) throws(JSONError) {
        let index = try itemIndex(&reader, code: "item_truncate_invalid_item_id", "truncating")
        guard let part = try reader.integer("content_index") else {
            throw reader.missing("content_index")
        }
        guard let end = try reader.integer("audio_end_ms", in: 0...Int64(Int32.max)) else {
            throw reader.missing("audio_end_ms")
        }
        try reader.finish()
        guard items[index].role == .assistant, part == 0, items[index].hasAudio else {
            throw JSONError(
                code: "unsupported_content_type",
                message: "Only audio of the assistant can be truncated."
            )
        }
        let length = items[index].audioMs
        guard end <= length else {
            throw reader.error(
                "invalid_value",
                "Audio content of \(length)ms is already shorter than \(end)ms",
                "audio_end_ms"
            )
        }
        truncate(at: index, endMs: Int(end))
        let members: JSONObject = [
            "item_id": .string(items[index].id), "content_index": .integer(part),
            "audio_end_ms": .integer(end),
        ]
        guard speechItemID == nil else { return heldTruncations.append(members) }
        emit("conversation.item.truncated", members.members)
    }

    /// Upstream forgets the words too, because it cannot know which of them were heard.
    mutating func truncate(at index: Int, endMs: Int) {
        storedAudioBytes -= items[index].storedBytes
        _ = items[index].changeAudio { audio, transcript in
            let bytes = audio.durationMs == 0 ? 0 : audio.bytes.count * endMs / audio.durationMs
            audio.bytes.removeLast(audio.bytes.count - (bytes & ~1))
            audio.durationMs = endMs
            transcript = nil
        }
        storedAudioBytes += items[index].storedBytes
    }

    /// Sends what was held back while the user spoke.
    mutating func releaseTruncations() {
        for members in heldTruncations { emit("conversation.item.truncated", members.members) }
        heldTruncations = []
    }

    private func itemIndex(
        _ reader: inout JSONReader,
        code: String,
        _ action: String
    ) throws(JSONError) -> Int {
        guard let id = try reader.string("item_id") else { throw reader.missing("item_id") }
        guard let index = index(of: id) else {
            throw JSONError(
                code: code,
                message: "Error \(action) item: the item with id '\(id)' does not exist."
            )
        }
        return index
    }

    // MARK: The conversation

    /// Searched from the end, where the items that matter are.
    func index(of id: String) -> Int? {
        items.lastIndex { $0.id == id }
    }

    /// Puts an item into the conversation and tells so.
    mutating func add(_ item: ConversationItem, at position: Int? = nil) {
        let position = position ?? items.count
        items.insert(item, at: position)
        storedAudioBytes += item.storedBytes
        emit(
            "conversation.item.added",
            [("previous_item_id", previousID(at: position)), ("item", item.json())]
        )
        forgetOldest()
    }

    /// Tells that an item is final.
    ///
    /// For one from a response, a predecessor that is the conversation's first item reads as null,
    /// as it does upstream.
    mutating func finishItem(_ id: String, isFromResponse: Bool = false) {
        guard let index = index(of: id) else { return }
        let previous = isFromResponse && index == 1 ? .null : previousID(at: index)
        emit(
            "conversation.item.done",
            [("previous_item_id", previous), ("item", items[index].json())]
        )
    }

    private func previousID(at position: Int) -> JSONValue {
        position == 0 ? .null : .string(items[position - 1].id)
    }

    /// Keeps the conversation within its bounds.
    mutating func forgetOldest() {
        if items.count > Self.itemLimit {
            storedAudioBytes -= items.removeFirst().storedBytes
        }
        var index = 0
        while storedAudioBytes > Self.storedAudioLimitBytes, index < items.count {
            storedAudioBytes -= items[index].storedBytes
            _ = items[index].changeAudio { audio, _ in audio.bytes = [] }
            index += 1
        }
    }
}

extension ConversationItem {
    var hasAudio: Bool {
        var copy = self
        return copy.changeAudio { _, _ in }
    }

    /// How much memory its audio takes.
    var storedBytes: Int {
        guard case .message(_, let content, _) = body else { return 0 }
        return content.reduce(0) { sum, part in
            switch part {
            case .inputAudio(let audio, _), .outputAudio(let audio, _): sum + audio.bytes.count
            default: sum
            }
        }
    }
}
