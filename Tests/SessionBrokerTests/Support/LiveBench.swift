import ContextStore
import Foundation
import JSON
import Logging
import RealtimeSimulator
import Testing
import WebServer

@testable import SessionBroker

/// A broker that listens on loopback, with the simulator as its upstream.
struct LiveBench: Sendable {
    static let serviceKey = "service-key-for-tests"

    let broker: Broker
    let store: ContextStore
    /// The broker's URL, without a path.
    let origin: String
    let sockets: SocketBench

    /// What is stored of the only conversation, as role and text.
    func transcript() async throws -> [String] {
        let user = try #require(UserID("default"))
        let conversations = try await store.user(user).conversations()
        let id = try #require(conversations.elements.first?.id)
        let all = PageRequest<ItemID>(limit: 100, order: .ascending)
        let page = try await store.user(user).items(of: id, all)
        return page.elements.map { "\($0.role.rawValue): \($0.content)" }
    }

    /// Sends a request of a service, and reads the JSON of its answer.
    func send(
        _ method: HTTPMethod,
        _ target: String,
        _ body: JSONValue? = nil
    ) async throws -> JSONValue {
        let client = try HTTPClient()
        defer { client.shutdown() }
        let response = try await client.send(
            OutgoingRequest(
                method,
                origin + target,
                headers: [
                    "Authorization": "Bearer \(Self.serviceKey)",
                    "Content-Type": "application/json",
                ],
                body: body?.bytes
            )
        )
        return try JSONValue(parsing: response.body)
    }

    /// Waits until the only session has ended, and says why.
    func endReason() async throws -> String? {
        let user = try #require(UserID("default"))
        // Followed before the first look, so that no change is missed between the two.
        var changes = store.changes.makeAsyncIterator()
        repeat {
            let session = try await store.user(user).sessions().elements.first
            if session?.status == .ended { return session?.endReason }
        } while await changes.next() != nil
        return nil
    }
}

/// A client of a relay, which reads events.
struct RelayClient: Sendable {
    let log: SocketLog

    /// Reads on to an event of a type, which it returns with all before.
    func events(until type: String) async throws -> [JSONValue] {
        var events: [JSONValue] = []
        while let message = await log.next() {
            let event = try JSONValue(parsing: message.bytes)
            events.append(event)
            if event["type"]?.stringValue == type { return events }
        }
        Issue.record("the socket ended before \(type)")
        return events
    }

    func send(_ event: JSONValue) async {
        await log.send(.text(event.bytes))
    }

    /// Says something, and asks for an answer.
    func say(_ text: String) async {
        await send([
            "type": "conversation.item.create",
            "item": [
                "type": "message", "role": "user",
                "content": [["type": "input_text", "text": .string(text)]],
            ],
        ])
        await send(["type": "response.create"])
    }
}

/// Runs a test with a broker in front of a simulator that follows a script.
func withLiveBench(
    script: JSONValue = [:],
    settings: [String: String] = [:],
    _ body: (LiveBench) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("live-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var simulated = RealtimeSimulator.Configuration()
    simulated.apiKey = SocketBench.key
    simulated.pace = 0
    simulated.usesEspeak = false
    simulated.scenario = try Scenario(script)
    let simulator = RealtimeSimulator(configuration: simulated, logger: logger)
    let database = folder.appendingPathComponent("broker.sqlite").path
    let store = try ContextStore(path: database)
    var all = [
        "OPENAI_API_KEY": SocketBench.key, "OPENAI_BASE_URL": try await simulator.start().baseURL,
        "BROKER_DATABASE": database, "BROKER_API_KEYS": LiveBench.serviceKey, "BROKER_PORT": "0",
    ]
    all.merge(settings) { $1 }
    let broker = try await Broker(
        configuration: try Configuration(settings: all),
        store: store,
        simulator: nil,
        logger: logger
    )
    let origin = try await broker.start()
    do {
        try await withSocketBench(origin + "/v1", key: LiveBench.serviceKey) { sockets in
            try await body(
                LiveBench(broker: broker, store: store, origin: origin, sockets: sockets)
            )
        }
    } catch {
        Issue.record(error)
    }
    await broker.stop()
    await simulator.stop()
    try await store.close()
}
