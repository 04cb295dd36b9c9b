internal import JSON

extension Scrubber {
    /// Where the events of upstream that tell of errors have them; their words on a key quote a part of
    /// it.
    private static let errors = [
        "error": ["error"],
        "conversation.item.input_audio_transcription.failed": ["error"],
        "response.done": ["response", "status_details", "error"],
    ]

    /// An event with its error scrubbed; nil when there is nothing to take out.
    ///
    /// What else it has, as what was said, stays as it is.
    func scrub(_ type: String, _ event: JSONObject) -> JSONObject? {
        guard let path = Self.errors[type] else { return nil }
        let whole = JSONValue.object(event)
        let clean = scrub(whole, at: path[...])
        return clean == whole ? nil : clean.objectValue
    }

    private func scrub(_ value: JSONValue, at path: ArraySlice<String>) -> JSONValue {
        guard let key = path.first else { return scrub(value) }
        guard var object = value.objectValue, let member = object[key] else { return value }
        object[key] = scrub(member, at: path.dropFirst())
        return .object(object)
    }

    private func scrub(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(scrub(text))
        case .array(let values): .array(values.map(scrub))
        case .object(let object):
            .object(JSONObject(uniqueMembers: object.members.map { ($0.key, scrub($0.value)) }))
        default: value
        }
    }
}
