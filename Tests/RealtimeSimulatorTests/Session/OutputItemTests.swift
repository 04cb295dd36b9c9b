import JSON
import Testing

@testable import RealtimeSimulator

/// Responses of several output items, which a script asks for.
@Suite struct OutputItemTests {
    private static func driver(
        _ answer: JSONValue,
        model: String = "gpt-realtime-2.1",
        modality: JSONValue = "text",
        pace: Double = 0,
        callID: String? = nil
    ) throws -> SessionDriver {
        let script = try Scenario(["sockets": [["answers": [answer]]]])
        let update: JSONObject = ["output_modalities": [modality]]
        var driver = try SessionDriver.make(
            update,
            model: model,
            pace: pace,
            scenario: ScenarioPlayer(script).nextSocket(),
            callID: callID
        )
        if callID != nil { driver.perform(driver.session.mediaBegan(at: .zero)) }
        driver.say("Hello")
        driver.events = []
        driver.send("response.create")
        return driver
    }

    private static let comment: JSONValue = [
        "commentary": "Let me look that up for you.", "text": "It rains.",
    ]
    private static let call: JSONValue = [
        "commentary": "Let me look that up for you.",
        "function_call": ["name": "get_weather", "arguments": ["city": "Graz"]],
    ]

    private static func mcp(_ outcome: JSONObject) -> JSONValue {
        let call: JSONObject = [
            "server_label": "docs", "name": "search", "arguments": ["query": "rain"],
        ]
        return ["mcp_call": .object(call.merging(outcome)), "text": "Found it."]
    }

    private static func phases(_ driver: SessionDriver) -> [JSONValue?] {
        let output = driver.last("response.done")?["response"]?["output"]?.arrayValue ?? []
        return output.map { $0["phase"] }
    }

    @Test func `a model that reasons comments before it answers`() throws {
        var driver = try Self.driver(Self.comment)
        #expect(Self.phases(driver) == ["commentary", "final_answer"])
        let added = driver.all("conversation.item.added")
        #expect(added.map { $0["item"]?["phase"] } == ["commentary", "final_answer"])
        #expect(added[1]["previous_item_id"] == added[0]["item"]?["id"])
        let done = driver.all("response.output_text.done")
        #expect(done.map { $0["output_index"] } == [0, 1])
        #expect(done.map { $0["text"] } == ["Let me look that up for you.", "It rains."])
        #expect(driver.all("response.created").count == 1)
        let message = Array(EventOrderTests.textAnswer.dropFirst().dropLast(2))
        #expect(
            driver.takeTypes() == ["response.created"] + message + message + [
                "response.done", "rate_limits.updated",
            ]
        )
    }

    @Test func `older models have no phases, and say nothing while they work`() throws {
        let driver = try Self.driver(Self.comment, model: "gpt-realtime")
        #expect(Self.phases(driver) == [nil])
        #expect(driver.answer == "It rains.")
    }

    @Test func `a comment goes on while its call begins`() throws {
        var driver = try Self.driver(Self.call)
        let arguments = driver.last("response.function_call_arguments.done")
        #expect(arguments?["arguments"] == #"{"city":"Graz"}"#)
        #expect(arguments?["output_index"] == 1)
        #expect(driver.last("response.output_text.done")?["text"] == "Let me look that up for you.")
        let output = driver.last("response.done")?["response"]?["output"]?.arrayValue
        #expect(output?.map { $0["type"] } == ["message", "function_call"])
        #expect(output?.map { $0["status"] } == ["completed", "completed"])
        #expect(
            driver.takeTypes() == [
                "response.created", "response.output_item.added", "conversation.item.added",
                "response.content_part.added", "response.output_text.delta",
                "response.output_item.added", "conversation.item.added",
                "response.function_call_arguments.delta", "response.output_text.delta",
                "response.output_text.done", "response.content_part.done",
                "conversation.item.done", "response.output_item.done",
                "response.function_call_arguments.delta",
                "response.function_call_arguments.done", "conversation.item.done",
                "response.output_item.done", "response.done", "rate_limits.updated",
            ]
        )
    }

    @Test(arguments: [0.0, 1.0])
    func `both messages are spoken, each with its own audio`(pace: Double) throws {
        var driver = try Self.driver(Self.comment, modality: "audio", pace: pace)
        driver.wait(.seconds(10))
        let audio = driver.all("response.output_audio.delta")
        let items = driver.all("response.output_item.done").map { $0["item"]?["id"] }
        let lengths = items.map { id in
            audio.filter { $0["item_id"] == id }
                .reduce(0) { $0 + (Base64.decode($1["delta"]?.stringValue ?? "")?.count ?? 0) }
        }
        // Seven words and two, of 60 ms each.
        #expect(lengths == [7 * 60 * 48, 2 * 60 * 48])
        let transcripts = driver.all("response.output_audio_transcript.done")
        #expect(
            transcripts.map { $0["transcript"] } == ["Let me look that up for you.", "It rains."]
        )
    }

    @Test func `both messages of a call are played as one`() throws {
        var driver = try Self.driver(Self.comment, modality: "audio", callID: "rtc_u0_1")
        driver.wait(.milliseconds(539))
        #expect(driver.all("output_audio_buffer.started").count == 1)
        #expect(driver.all("output_audio_buffer.stopped").isEmpty)
        driver.wait(.milliseconds(1))
        #expect(driver.all("output_audio_buffer.stopped").count == 1)
    }

    @Test func `talking over the comment truncates what was not heard of both`() throws {
        var driver = try Self.driver(Self.comment, modality: "audio", callID: "rtc_u0_1")
        driver.wait(.milliseconds(200))
        driver.hear(.tone, ms: 200)
        let truncated = driver.all("conversation.item.truncated")
        #expect(truncated.map { $0["audio_end_ms"] } == [200, 0])
    }

    @Test func `a cut keeps what was finished`() throws {
        var driver = try Self.driver(Self.comment, pace: 1)
        driver.wait(.milliseconds(435))
        #expect(driver.all("response.output_item.added").count == 2)
        driver.send("response.cancel")
        let output = driver.last("response.done")?["response"]?["output"]?.arrayValue
        #expect(output?.map { $0["status"] } == ["completed", "incomplete"])
        #expect(driver.all("response.output_item.done").count == 2)
    }

    @Test func `what a response may say counts for all its items`() throws {
        let script = try Scenario(["sockets": [["times": 2, "answers": [Self.comment]]]])
        let player = ScenarioPlayer(script)
        for (limit, statuses) in [(4, ["incomplete"]), (9, ["completed", "incomplete"])] {
            var driver = try SessionDriver.make(
                [
                    "output_modalities": ["text"],
                    "max_output_tokens": .integer(Int64(limit)),
                ],
                model: "gpt-realtime-2.1",
                scenario: player.nextSocket()
            )
            driver.send("response.create")
            let response = driver.last("response.done")?["response"]
            #expect(response?["status"] == "incomplete")
            let output = response?["output"]?.arrayValue
            #expect(output?.map { $0["status"]?.stringValue } == statuses)
        }
    }

    // MARK: MCP

    private static let server: JSONValue = [
        "type": "mcp", "server_label": "docs", "server_url": "https://docs.example/mcp",
        "require_approval": "never",
    ]

    @Test func `a tool of a server is called, answers, and is talked about`() throws {
        var driver = try Self.driver(Self.mcp(["output": "Rain is wet."]))
        let called = driver.all("response.output_item.done")[0]["item"]
        #expect(
            called?.objectValue?.members.map(\.key) == [
                "id", "type", "server_label", "name", "arguments", "approval_request_id",
                "output", "error",
            ]
        )
        #expect(called?["output"] == "Rain is wet.")
        #expect(called?["arguments"] == #"{"query":"rain"}"#)
        let begun = driver.all("response.output_item.added")[0]["item"]
        #expect(begun?["arguments"] == "" && begun?["output"] == .null)
        let message = Array(EventOrderTests.textAnswer.dropFirst())
        #expect(
            driver.takeTypes() == [
                "response.created", "response.output_item.added", "conversation.item.added",
                "response.mcp_call_arguments.delta", "response.mcp_call_arguments.done",
                "response.mcp_call.in_progress", "response.mcp_call.completed",
                "conversation.item.done", "response.output_item.done",
            ] + message
        )
    }

    @Test func `a tool can fail`() throws {
        let error: JSONValue = ["type": "tool_execution_error", "message": "No."]
        let driver = try Self.driver(Self.mcp(["error": error]))
        #expect(driver.last("response.mcp_call.failed")?["output_index"] == 0)
        #expect(driver.last("response.mcp_call.completed") == nil)
        let called = driver.all("response.output_item.done")[0]["item"]
        #expect(called?["error"] == error)
        #expect(called?["output"] == .null)
    }

    @Test func `a server's tools are listed once, if a script has them`() throws {
        var scenario = SocketScenario()
        scenario.mcpTools = ["docs": [["name": "search"]]]
        var driver = try SessionDriver.make(pace: 1, scenario: scenario)
        let update: JSONObject = ["session": ["type": "realtime", "tools": [Self.server]]]
        driver.send("session.update", update)
        driver.send("session.update", update)
        #expect(
            driver.takeTypes() == [
                "session.updated", "mcp_list_tools.in_progress", "session.updated",
            ]
        )
        driver.wait(.seconds(1))
        #expect(driver.last("conversation.item.done")?["item"]?["type"] == "mcp_list_tools")
        #expect(
            driver.last("conversation.item.done")?["item"]?["tools"] == [["name": "search"]]
        )
        #expect(
            driver.takeTypes() == [
                "conversation.item.added", "mcp_list_tools.completed", "conversation.item.done",
            ]
        )
    }

    @Test func `no server is ever reached`() throws {
        var driver = try SessionDriver.make()
        driver.send("session.update", ["session": ["type": "realtime", "tools": [Self.server]]])
        #expect(
            driver.takeTypes() == [
                "session.updated", "mcp_list_tools.in_progress", "mcp_list_tools.failed",
            ]
        )
        #expect(driver.session.items.isEmpty)
    }
}
