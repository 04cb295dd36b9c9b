import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite(.timeLimit(.minutes(1)))
struct LiveRelayTests {
    private static let textOnly: JSONValue = [
        "type": "session.update",
        "session": ["type": "realtime", "output_modalities": ["text"]],
    ]

    private func client(_ bench: LiveBench) async throws -> RelayClient {
        let client = RelayClient(log: try await bench.sockets.start())
        await client.send(Self.textOnly)
        _ = try await client.events(until: "session.updated")
        return client
    }

    @Test func `what is said on a relay is stored in order`() async throws {
        try await withLiveBench { bench in
            let client = try await client(bench)
            for text in ["One.", "Two."] {
                await client.say(text)
                _ = try await client.events(until: "response.done")
            }
            await client.log.perform { $0.close(.normal) }
            #expect(await client.log.ending()?.code == .normal)
            #expect(try await bench.endReason() == "client_closed")
            let said = try await bench.transcript()
            #expect(said.count == 4)
            #expect(said[0] == "user: One.")
            #expect(said[2] == "user: Two.")
            #expect(said[1].hasPrefix("assistant: ") && said[3].hasPrefix("assistant: "))
        }
    }

    @Test func `recall is answered by the broker, and the client sees nothing of it`() async throws
    {
        try await withLiveBench { bench in
            let client = try await client(bench)
            await client.say("My dog is called Rex.")
            var events = try await client.events(until: "response.done")
            await client.say("Please recall the dog.")
            events += try await client.events(until: "response.done")
            events += try await client.events(until: "response.done")
            let seen = JSONValue.array(events).text
            #expect(!seen.contains("function_call"))
            await client.log.perform { $0.close(.normal) }
            _ = try await bench.endReason()
            let said = try await bench.transcript()
            #expect(said.contains { $0.hasPrefix("tool: Quoted") }, "\(said)")
        }
    }

    @Test(arguments: [5, 9, 16, 21])
    func `a session goes on when upstream loses it`(after count: Int) async throws {
        let script: JSONValue = ["sockets": [["drop_after_events": .integer(Int64(count))]]]
        try await withLiveBench(script: script) { bench in
            let client = try await client(bench)
            await client.say("One.")
            var last: JSONValue = .null
            repeat {
                last = try await client.events(until: "response.done").last ?? .null
            } while last["response"]?["status"] != "completed"
            await client.say("Two.")
            _ = try await client.events(until: "response.done")
            await client.log.perform { $0.close(.normal) }
            _ = try await bench.endReason()
            let said = try await bench.transcript()
            #expect(said.filter { $0 == "user: One." }.count == 1)
            #expect(said.filter { $0 == "user: Two." }.count == 1)
            #expect(said.last?.contains("Two.") == true)
        }
    }

    @Test func `what upstream refuses for good ends the session in upstream's words`() async throws
    {
        let script: JSONValue = [
            "sockets": [
                ["times": 9, "drop_after_events": 2, "close": ["code": 4_000, "reason": "no"]]
            ]
        ]
        try await withLiveBench(script: script) { bench in
            let log = try await bench.sockets.start()
            let ending = await log.ending()
            #expect(ending?.code == 4_000)
            #expect(ending?.reason == "no")
        }
    }

    @Test func `the broker's end is everybody's, and nothing is lost`() async throws {
        try await withLiveBench { bench in
            let client = try await client(bench)
            await client.say("One.")
            _ = try await client.events(until: "response.done")
            await bench.broker.stop()
            #expect(await client.log.ending()?.code == .goingAway)
            #expect(try await bench.transcript().count == 2)
        }
    }
}
