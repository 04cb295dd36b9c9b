import JSON
import Testing
import Transcript

@Suite struct RecordingTests {
    @Test(arguments: Recording.all)
    func `a recorded session gives the transcript that people read in it`(recording: Recording) {
        #expect(recording.connections.count == recording.expected.count)
        for (frames, expected) in zip(recording.connections, recording.expected) {
            var replay = Replay()
            replay.play(frames)
            replay.finish()
            let list = replay.stored.list
            #expect(list.map(\.id) == expected.map { $0["item_id"]?.stringValue })
            for (item, expectation) in zip(list, expected) {
                #expect(differences(of: item, from: expectation) == [])
            }
        }
    }

    @Test(arguments: Recording.all)
    func `a recorded session shows its provider's dialect`(recording: Recording) {
        let expected: RealtimeEventReader.Dialect =
            recording.name.hasPrefix("xai") ? .xAI : .openAI
        for frames in recording.connections {
            var replay = Replay()
            replay.play(frames)
            #expect(replay.reader.dialect == expected)
        }
    }

    /// The members of an expected item that an item does not have so.
    private func differences(of item: TranscriptItem, from expected: JSONValue) -> [String] {
        var differences: [String] = []
        func compare(_ key: String, _ value: String?) {
            let wanted = expected[key]?.stringValue
            if value != wanted { differences.append("\(key) \(value ?? "nil")") }
        }
        compare("type", item.kind.wireName)
        compare("role", item.role?.rawValue)
        compare("name", item.call.name)
        compare("call_id", item.call.callID)
        compare("arguments", item.call.arguments)
        compare("output", item.call.output)
        // Function items have no content, and outputs no status, on the wire.
        if item.kind == .message || !item.content.isEmpty { compare("content", item.content) }
        if expected["status"] != .null { compare("status", item.status.rawValue) }
        if expected["status"] == .null && item.status != .completed {
            differences.append("status \(item.status)")
        }
        for key in ["phase", "audio_end_ms", "transcription"]
        where item.metadata[key] != expected["metadata"]?[key] {
            differences.append("\(key) \(String(describing: item.metadata[key]))")
        }
        return differences
    }
}

extension TranscriptItem.Kind {
    /// The protocol's name.
    var wireName: String {
        switch self {
        case .message: "message"
        case .functionCall: "function_call"
        case .functionCallOutput: "function_call_output"
        case .mcpListTools: "mcp_list_tools"
        case .mcpCall: "mcp_call"
        case .mcpApprovalRequest: "mcp_approval_request"
        case .mcpApprovalResponse: "mcp_approval_response"
        case .other(let name): name
        }
    }
}
