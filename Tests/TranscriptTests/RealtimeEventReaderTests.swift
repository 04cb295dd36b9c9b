import JSON
import Testing
import Transcript

/// What a reader makes of items, responses and sides.
@Suite struct RealtimeEventReaderTests {
    @Test(arguments: [
        (#""previous_item_id":null,"#, ItemPredecessor.first),
        (#""previous_item_id":"root","#, .first),
        (#""previous_item_id":"x","#, .item("x")),
        (#""previous_item_id":"","#, .unknown),
        (#""previous_item_id":7,"#, .unknown),
        ("", .unknown),
    ])
    func `an announcement names its predecessor`(member: String, place: ItemPredecessor) throws {
        for name in ["added", "created"] {
            let events = try read(
                #"""
                {"type":"conversation.item.\#(name)",\#(member)"item":{"id":"u","type":"message",
                 "role":"user","status":"completed","content":[{"type":"input_text","text":"Hi"}]}}
                """#
            )
            #expect(events == [.itemAdded(.typed("u", "Hi"), after: place)])
        }
    }

    @Test(arguments: [
        (#"{"type":"input_text","text":"t"}"#, ItemSnapshot.Part(.text, "t")),
        (#"{"type":"output_text","text":"t"}"#, .init(.text, "t")),
        (#"{"type":"text","text":"t"}"#, .init(.text, "t")),
        (#"{"type":"input_audio","transcript":null}"#, .init(.audio)),
        (#"{"type":"output_audio","transcript":"t"}"#, .init(.audio, "t")),
        (#"{"type":"audio","transcript":"t"}"#, .init(.audio, "t")),
        (#"{"type":"input_image"}"#, .init(.image)),
        (#"{"transcript":"t"}"#, .init(.audio, "t")),
        (#"{"text":"t"}"#, .init(.text, "t")),
        ("7", .init(.text)),
    ])
    func `content has one shape for all names of it`(
        part: String,
        expected: ItemSnapshot.Part
    ) throws {
        let events = try read(
            #"{"type":"conversation.item.done","item":{"id":"u","content":[\#(part)]}}"#
        )
        #expect(events == [.itemDone(ItemSnapshot(id: "u", parts: [expected]), after: .unknown)])
    }

    @Test(arguments: [
        ("output_text", "text", TranscriptItem.ContentKind.text), ("text", "text", .text),
        ("output_audio_transcript", "transcript", .audio),
        ("audio_transcript", "transcript", .audio),
    ])
    func `text comes under today's names and the beta's`(
        name: String,
        key: String,
        kind: TranscriptItem.ContentKind
    ) throws {
        let place = #""item_id":"a","content_index":1,"response_id":"r""#
        let span = TextSpan(itemID: "a", part: 1, kind: kind, responseID: "r")
        #expect(
            try read(#"{"type":"response.\#(name).delta",\#(place),"delta":"H"}"#)
                == [.textDelta(span, "H", startMs: nil)]
        )
        #expect(
            try read(#"{"type":"response.\#(name).done",\#(place),"\#(key)":"Hi"}"#)
                == [.textDone(span, "Hi")]
        )
    }

    @Test(arguments: [
        "input_audio_buffer.append", "rate_limits.updated", "error", "session.update", "",
        "response.content_part.added", "response.output_audio.done", "ping",
    ])
    func `most of the traffic is not needed`(type: String) {
        #expect(!RealtimeEventReader.isNeeded(type: type))
    }

    @Test func `only a response that says so is out of band`() throws {
        for (member, expected) in [
            (#","conversation_id":null"#, ResponseSnapshot.Conversation.none),
            (#","conversation_id":"c""#, .joined), ("", .joined),
        ] {
            let text = #"{"type":"response.created","response":{"id":"r"\#(member)}}"#
            #expect(
                try read(text)
                    == [.responseCreated(ResponseSnapshot(id: "r", conversation: expected))]
            )
        }
    }

    @Test func `the side that asks is not believed in the other's name`() throws {
        let item = #"{"id":"u","role":"user","content":[{"type":"input_text","text":"Hi"}]}"#
        let created = #"{"type":"conversation.item.create","item":\#(item)}"#
        #expect(try read(created, from: .client) == [.clientCreatedItem(id: "u", text: "Hi")])
        #expect(try read(created) == [])
        let added = #"{"type":"conversation.item.added","item":\#(item)}"#
        #expect(try read(added, from: .client) == [])
        #expect(try read(#"{"type":"response.create"}"#, from: .client) == [.responseRequested])
        let band = #"{"type":"response.create","response":{"conversation":"none"}}"#
        #expect(try read(band, from: .client) == [])
    }

    @Test func `MCP items keep server, tools, result and error`() throws {
        let events = try read(
            #"""
            {"type":"conversation.item.done","item":{"id":"m","type":"mcp_call","name":"search",
             "server_label":"wiki","arguments":"{}","output":null,"approval_request_id":"q",
             "error":{"type":"tool_execution_error","message":"no"}}}
            """#
        )
        var call = TranscriptItem.Call(name: "search", arguments: "{}")
        call.serverLabel = "wiki"
        call.error = "no"
        call.approvalRequestID = "q"
        let item = ItemSnapshot(id: "m", kind: .mcpCall, call: call)
        #expect(events == [.itemDone(item, after: .unknown)])
        let listed = try read(
            #"""
            {"type":"conversation.item.done","item":{"id":"l","type":"mcp_list_tools",
             "tools":[{"name":"a"},{"name":"b"},{}]}}
            """#
        )
        var tools = TranscriptItem.Call()
        tools.toolNames = ["a", "b"]
        let list = ItemSnapshot(id: "l", kind: .mcpListTools, call: tools)
        #expect(listed == [.itemDone(list, after: .unknown)])
    }

    @Test(arguments: [
        "null", "[]", "{}", #"{"type":7}"#, #"{"type":"no.such.event"}"#,
        #"{"type":"conversation.item.added"}"#, #"{"type":"conversation.item.added","item":[]}"#,
        #"{"type":"conversation.item.added","item":{"id":""}}"#, #"{"type":"response.done"}"#,
        #"{"type":"response.created","response":{"id":""}}"#,
        #"{"type":"response.output_text.delta","item_id":"a","delta":1}"#,
        #"{"type":"conversation.item.truncated","item_id":"a","audio_end_ms":1e300}"#,
        #"{"type":"conversation.item.deleted","item_id":""}"#,
        #"{"type":"input_audio_buffer.committed"}"#,
    ])
    func `what an event lacks makes it nothing`(text: String) throws {
        #expect(try read(text) == [])
        #expect(try read(text, from: .client) == [])
    }
}
