import JSON
import Testing

@testable import RealtimeSimulator

@Suite struct ScenarioTests {
    private static func script(_ socket: JSONValue) throws -> SocketScenario {
        ScenarioPlayer(try Scenario(["sockets": [socket]])).nextSocket()
    }

    private static let transcribing: JSONObject = [
        "audio": ["input": ["transcription": ["model": "gpt-4o-transcribe"]]]
    ]
    private static let name = "conversation.item.input_audio_transcription."

    @Test func `a scripted turn is heard, transcribed late and told twice`() throws {
        let scenario = try Self.script([
            "transcriptions": [
                ["text": "My cat likes the rain.", "delay_ms": 2_000, "duplicate": true]
            ]
        ])
        var driver = try SessionDriver.make(Self.transcribing, scenario: scenario)
        driver.append(.tone, ms: 1_000)
        driver.append(.silence, ms: 300)
        #expect(driver.answer?.contains("My cat likes the rain.") == true)
        driver.wait(.milliseconds(1_999))
        #expect(driver.all(Self.name + "completed").isEmpty)
        driver.wait(.milliseconds(1))
        let completed = driver.all(Self.name + "completed")
        #expect(
            completed.map { $0["transcript"] } == [
                "My cat likes the rain.", "My cat likes the rain.",
            ]
        )
        #expect(completed[0]["usage"]?["type"] == "tokens")
    }

    @Test func `a transcript can come behind that of the next turn`() throws {
        let scenario = try Self.script([
            "transcriptions": [
                ["text": "First.", "after_next_turn": true, "duplicate": true],
                ["text": "Second.", "delay_ms": 100],
                ["text": "Third.", "after_next_turn": true],
            ]
        ])
        var driver = try SessionDriver.make(Self.transcribing, scenario: scenario)
        for _ in 0..<3 {
            driver.append(.tone, ms: 500)
            driver.append(.silence, ms: 300)
        }
        #expect(driver.all(Self.name + "completed").isEmpty)
        driver.wait(.seconds(60))
        let completed = driver.all(Self.name + "completed")
        #expect(
            completed.map { $0["transcript"] } == ["Second.", "First.", "First."]
        )
        // One that is held back, with no turn behind it, never comes.
        let turns = driver.session.items.filter { $0.role == .user }.map(\.id)
        #expect(
            completed.map { $0["item_id"]?.stringValue } == [turns[1], turns[0], turns[0]]
        )
    }

    @Test func `a transcript that is late anyway is not held back longer`() throws {
        let scenario = try Self.script([
            "transcriptions": [
                ["text": "First.", "after_next_turn": true, "delay_ms": 500], ["text": "Second."],
            ]
        ])
        var driver = try SessionDriver.make(Self.transcribing, scenario: scenario)
        for _ in 0..<2 {
            driver.append(.tone, ms: 500)
            driver.append(.silence, ms: 300)
        }
        driver.wait(.milliseconds(500))
        let completed = driver.all(Self.name + "completed").map { $0["transcript"] }
        #expect(completed == ["Second.", "First."])
    }

    @Test func `a silence holds everything back, and loses nothing`() throws {
        let scenario = try Self.script(["stall_after_events": 3, "stall_ms": 2_000])
        var driver = try SessionDriver.make(["output_modalities": ["text"]], scenario: scenario)
        driver.say("Hello")
        #expect(driver.takeTypes() == ["conversation.item.added", "conversation.item.done"])
        driver.send("response.create")
        driver.say("Still there?")
        driver.wait(.milliseconds(1_999))
        #expect(driver.events.isEmpty)
        driver.wait(.milliseconds(1))
        #expect(
            driver.takeTypes() == EventOrderTests.textAnswer + [
                "conversation.item.added", "conversation.item.done",
            ]
        )
        driver.say("Good.")
        #expect(driver.takeTypes() == ["conversation.item.added", "conversation.item.done"])
    }

    @Test func `speech is made during a silence, and a session that ends in it ends behind it`()
        throws
    {
        let scenario = try Self.script([
            "stall_ms": 2_000, "drop_after_events": 6, "close": ["code": 1_011],
        ])
        var driver = try SessionDriver.make(scenario: scenario)
        driver.speaksAtOnce = false
        driver.say("Hello")
        driver.send("response.create")
        driver.wait(.milliseconds(1_999))
        #expect(driver.events.isEmpty && driver.close == nil)
        #expect(driver.pendingSpeech.count == 1)
        driver.wait(.milliseconds(1))
        #expect(driver.events.count == 5)
        #expect(driver.close?.code == 1_011)
        #expect(driver.session.nextDue == nil)
    }

    @Test func `a failed transcription leaves the turn as it is`() throws {
        let scenario = try Self.script(["transcriptions": [["error": ["code": "unintelligible"]]]])
        var driver = try SessionDriver.make(Self.transcribing, scenario: scenario)
        driver.append(.tone, ms: 1_000)
        driver.append(.silence, ms: 300)
        let failed = driver.last(Self.name + "failed")
        #expect(failed?["error"]?["code"] == "unintelligible")
        #expect(driver.all(Self.name + "delta").isEmpty)
        #expect(driver.last("response.done")?["response"]?["status"] == "completed")
    }

    @Test func `a socket is cut after so many events, or closed with a code`() throws {
        var driver = try SessionDriver.make(scenario: try Self.script(["drop_after_events": 3]))
        driver.say("Hello")
        driver.say("Hello?")
        #expect(driver.isDropped)
        #expect(driver.events.count == 2)
        let closing = try Self.script([
            "drop_after_events": 2, "close": ["code": 1_011, "reason": "gone"],
        ])
        driver = try SessionDriver.make(scenario: closing)
        driver.say("Hello")
        #expect(driver.close?.code == 1_011)
        #expect(driver.close?.reason == "gone")
        #expect(!driver.isDropped)
    }

    @Test func `answers, rate limits and the session's end are scripted`() throws {
        let scenario = try Self.script([
            "answers": ["First."], "rate_limits": ["remaining": 7], "expire_after_seconds": 5,
        ])
        var driver = try SessionDriver.make(["output_modalities": ["text"]], scenario: scenario)
        driver.say("Hello")
        driver.send("response.create")
        #expect(driver.answer == "First.")
        let limits = driver.last("rate_limits.updated")?["rate_limits"]?.arrayValue?.first
        #expect(limits?["remaining"] == 7)
        driver.send("response.create")
        #expect(driver.answer != "First.")
        driver.wait(.seconds(5))
        #expect(driver.error?["code"] == "session_expired")
    }

    @Test func `entries are used up in order, for the paths that they name`() throws {
        let player = ScenarioPlayer(
            try Scenario([
                "http": [["path": "/a", "status": 500], ["times": 2, "status": 503]],
                "sockets": [["times": 2, "answers": ["x"]], ["answers": ["y"]]],
            ])
        )
        #expect(player.step(for: "/b")?.status == 503)
        #expect(player.step(for: "/a")?.status == 500)
        #expect(player.step(for: "/a")?.status == 503)
        #expect(player.step(for: "/a") == nil)
        #expect(
            (0..<4).map { _ in player.nextSocket().answers }
                == [[.text("x")], [.text("x")], [.text("y")], []]
        )
    }

    @Test(
        arguments: [
            (["htpp": []], "htpp"), (["http": [["status": "500"]]], "http[0].status"),
            (["http": [["body": ["a": 1]]]], "http[0].status"),
            (["sockets": [["answer": "x"]]], "sockets[0].answer"),
            (["sockets": [["close": ["code": 1_000]]]], "sockets[0].drop_after_events"),
            (["sockets": [["answers": [["txt": "x"]]]]], "sockets[0].answers[0].txt"),
            (["sockets": [["answers": [["commentary": "x"]]]]], "sockets[0].answers[0].text"),
            (
                ["sockets": [["answers": [["error": [:], "text": "x"]]]]],
                "sockets[0].answers[0].text"
            ),
            (
                ["sockets": [["answers": [["mcp_call": ["server_label": "a", "name": "b"]]]]]],
                "sockets[0].answers[0].mcp_call.output"
            ),
            (["sockets": [["mcp_tools": ["a": 1]]]], "sockets[0].mcp_tools"),
            (["sockets": [["stall_after_events": 1]]], "sockets[0].stall_ms"),
            (["sockets": [["hang_up_after_events": 1]]], "sockets[0].hang_up_after_events"),
            (["calls": [["sidebands": [[:]]]]], "calls[0].sidebands[0].drop_after_events"),
            (["sockets": [["transcriptions": [["txt": "x"]]]]], "sockets[0].transcriptions[0].txt"),
        ] as [(JSONValue, String)]
    )
    func `a script with a mistake is refused, naming it`(script: JSONValue, param: String) {
        let error = #expect(throws: JSONError.self) { try Scenario(script) }
        #expect(error?.param == param)
    }
}
