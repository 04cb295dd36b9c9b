import JSON
import Testing
import Transcript

@Suite struct CallTests {
    @Test func `a function call and its output are items of their own`() {
        let stored = Replay.stored(
            [
                .responseCreated(ResponseSnapshot(id: "r")),
                .outputItemAdded(.call("f", "", .inProgress), responseID: "r"),
                .itemAdded(.call("f", "", .inProgress), after: .first),
                .argumentsDelta(itemID: "f", "{ \"city\""),
                .argumentsDone(itemID: "f", "{ \"city\": 1 } \n", name: "weather"),
                .itemDone(.call("f", "{ \"city\": 1 } \n", .completed), after: .first),
                .responseDone(ResponseSnapshot(id: "r", status: .completed)),
                .clientCreatedItem(id: "o", text: ""),
                .itemAdded(.output("o", "foggy"), after: .item("f")),
                .itemDone(.output("o", "foggy"), after: .item("f")),
            ],
            isFinished: true
        )
        #expect(stored.list.map(\.kind) == [.functionCall, .functionCallOutput])
        #expect(stored.lines == ["-: { \"city\": 1 } \n", "-: foggy"])
        #expect(stored.list.map(\.status) == [.completed, .completed])
        #expect(stored.items["f"]?.metadata["name"] == "weather")
        #expect(stored.items["o"]?.metadata["call_id"] == "call")
    }

    @Test func `a call that was cut keeps the arguments so far`() {
        let item = Replay.item(
            "f",
            .itemAdded(.call("f", "", .inProgress), after: .first),
            .argumentsDelta(itemID: "f", "{\"ci"),
            .argumentsDelta(itemID: "f", "ty")
        )
        #expect(item?.call.arguments == "{\"city")
        #expect(item?.status == .incomplete)
    }

    @Test func `arguments are done before the call is`() {
        let item = Replay.stored(
            [
                .itemAdded(.call("f", "", .inProgress), after: .first),
                .argumentsDone(itemID: "f", "{}", name: nil),
                .argumentsDelta(itemID: "f", "late"),
            ],
            isFinished: false
        ).items["f"]
        #expect(item?.call.arguments == "{}")
        #expect(item?.status == .inProgress)
        #expect(item?.call.name == "weather")
    }

    @Test func `a tool that the provider calls is kept with server, result and error`() {
        var call = TranscriptItem.Call(name: "search", arguments: "{}")
        call.serverLabel = "wiki"
        let begun = ItemSnapshot(id: "m", kind: .mcpCall, call: call)
        call.error = "timeout"
        let failed = ItemSnapshot(id: "m", kind: .mcpCall, status: .completed, call: call)
        let events: [TranscriptEvent] = [
            .itemAdded(begun, after: .first),
            .callProgressed(itemID: "m", .inProgress),
            .callProgressed(itemID: "m", .incomplete),
            .itemDone(failed, after: .first),
        ]
        let item = Replay.stored(events, isFinished: true).items["m"]
        #expect(item?.status == .incomplete)
        #expect(item?.storedText == "{}")
        #expect(item?.metadata["server_label"] == "wiki")
        #expect(item?.metadata["error"] == "timeout")
    }

    @Test func `tools that a server lists are kept by name`() {
        var call = TranscriptItem.Call()
        call.serverLabel = "wiki"
        call.toolNames = ["search", "read"]
        let listed = ItemSnapshot(id: "l", kind: .mcpListTools, call: call)
        let item = Replay.item(
            "l",
            .callProgressed(itemID: "l", .completed),
            .itemDone(listed, after: .first)
        )
        #expect(item?.status == .completed)
        #expect(item?.metadata["tools"] == ["search", "read"])
    }

    @Test func `a request for approval and its answer are kept`() {
        var answer = TranscriptItem.Call()
        answer.approvalRequestID = "q"
        answer.isApproved = false
        let request = ItemSnapshot(
            id: "q",
            kind: .mcpApprovalRequest,
            call: TranscriptItem.Call(name: "search", arguments: "{}")
        )
        let list = Replay.stored(
            [
                .itemAdded(request, after: .first), .itemDone(request, after: .first),
                .itemAdded(
                    ItemSnapshot(id: "p", kind: .mcpApprovalResponse, call: answer),
                    after: .item("q")
                ),
            ],
            isFinished: true
        ).list
        #expect(list.map(\.status) == [.completed, .completed])
        #expect(list[1].metadata["approve"] == false)
        #expect(list[1].metadata["approval_request_id"] == "q")
    }
}
