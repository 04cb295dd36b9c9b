import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite struct RecallToolTests {
    /// The names of the tools that upstream gets for a request.
    private func tools(
        of body: JSONValue,
        at path: String = "/api/session"
    ) async throws -> [String] {
        var names: [String] = []
        try await withBroker { broker in
            let answer = await broker.send(.post, path, body)
            #expect((200...201).contains(answer.status))
            let sent = try JSONValue(parsing: try #require(broker.upstream.requests.first).body)
            names = (sent["session"]?["tools"]?.arrayValue ?? [])
                .compactMap { $0["name"]?.stringValue }
        }
        return names
    }

    private let clock: JSONValue = ["type": "function", "name": "clock", "parameters": [:]]

    @Test func `each session has it, behind the caller's own tools`() async throws {
        #expect(try await tools(of: [:]) == ["recall"])
        #expect(try await tools(of: ["tools": [clock]]) == ["clock", "recall"])
    }

    @Test(
        arguments: [
            ["context": ["recall": false]], ["context": ["enabled": false]],
            ["context": ["scope": "none"]], ["tool_choice": "none"],
        ] as [JSONValue]
    )
    func `it is not there where it is not wanted`(body: JSONValue) async throws {
        #expect(try await tools(of: body) == [])
    }

    @Test func `a caller's own tool of that name takes its place`() async throws {
        var own = try #require(clock.objectValue)
        own["name"] = "recall"
        #expect(try await tools(of: ["tools": [.object(own)]]) == ["recall"])
    }

    @Test func `those who use upstream's own route get what they asked for`() async throws {
        let body: JSONValue = ["session": ["type": "realtime"]]
        #expect(try await tools(of: body, at: "/v1/realtime/client_secrets") == [])
    }
}
