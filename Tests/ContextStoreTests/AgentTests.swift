import JSON
import Testing

@testable import ContextStore

@Suite struct AgentTests {
    private let clock = TestClock()
    private let ann: UserStore

    init() throws {
        ann = try ContextStore.make(clock: clock).user(named: "ann")
    }

    private let settings = AgentSettings(
        name: "Host",
        model: "gpt-realtime",
        voice: "marin",
        instructions: "Be kind.",
        tools: [["type": "function", "name": "recall"]],
        toolChoice: "auto",
        greeting: "Hello!",
        context: ["max_tokens": 4_000],
        metadata: ["team": "a"]
    )

    @Test func `an agent is read as it was made`() async throws {
        let full = try await ann.createAgent(settings)
        #expect(full.settings == settings)
        #expect(try await ann.agent(full.id) == full)
        let bare = try await ann.createAgent(AgentSettings(name: "Bare"))
        #expect(try await ann.agent(bare.id) == bare)
        #expect(bare.settings.toolChoice == nil)
        #expect(bare.settings.context == nil)
        #expect(try await ann.agents().elements == [bare, full])
    }

    @Test func `an update changes what the closure changes`() async throws {
        let made = try await ann.createAgent(settings)
        clock.advance(.seconds(5))
        let changed = try await ann.updateAgent(made.id) { settings in
            settings.name = "Guide"
            settings.toolChoice = nil
        }
        var expected = settings
        expected.name = "Guide"
        expected.toolChoice = nil
        #expect(changed.settings == expected)
        #expect(changed.createdAt == made.createdAt)
        #expect(changed.updatedAt == clock.now)
        #expect(try await ann.agent(made.id) == changed)
    }

    @Test func `concurrent updates of different fields are all kept`() async throws {
        let made = try await ann.createAgent(AgentSettings(name: "Host"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    _ = try await ann.updateAgent(made.id) { settings in
                        settings.metadata["\(number)"] = true
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await ann.agent(made.id).settings.metadata.members.count == 20)
    }

    @Test func `an update that throws changes nothing`() async throws {
        let made = try await ann.createAgent(settings)
        await #expect(throws: ContextStoreError.invalidCursor) {
            try await ann.updateAgent(made.id) { settings in
                settings.name = "Guide"
                throw ContextStoreError.invalidCursor
            }
        }
        #expect(try await ann.agent(made.id) == made)
    }

    @Test func `a deleted agent is not found`() async throws {
        let made = try await ann.createAgent(settings)
        try await ann.deleteAgent(made.id)
        await #expect(throws: ContextStoreError.notFound(.agent)) { try await ann.agent(made.id) }
        await #expect(throws: ContextStoreError.notFound(.agent)) {
            try await ann.deleteAgent(made.id)
        }
        #expect(try await ann.agents().elements == [])
    }
}
