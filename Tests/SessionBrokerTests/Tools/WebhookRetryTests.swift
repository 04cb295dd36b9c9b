import Locking
import Testing
import WebServer

@testable import SessionBroker

@Suite struct WebhookRetryTests {
    /// Answers with one status after the other, then with 200.
    private final class Statuses: Sendable {
        private let left: Mutex<[Int]>
        init(_ statuses: [Int]) { left = Mutex(statuses) }

        var script: FakeUpstream.Script {
            { [self] _ in
                let status = left.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
                return .answer(status, "status \(status)")
            }
        }
    }

    @Test(arguments: [[503], [408], [429], [500, 502, 504, 599]])
    func `what may pass is tried again, as the same call`(statuses: [Int]) async throws {
        try await withFakeUpstream(Statuses(statuses).script) { server in
            let time = SteppedTime(.seconds(1_000_000_000))
            try await WebhookBench.with(pacing: time.pacing()) { bench in
                let output = try await bench.output(at: server)
                #expect(output == "status 200")
            }
            let requests = server.requests
            #expect(requests.count == statuses.count + 1)
            #expect(time.pauses.count == statuses.count)
            #expect(Set(requests.map { $0.headers["webhook-id"] }) == ["call_1"])
            #expect(Set(requests.map(\.body)).count == 1)
        }
    }

    @Test func `each attempt is signed with its own time`() async throws {
        let script: FakeUpstream.Script = { request in
            request.headers["webhook-timestamp"] == "1000000000"
                ? .answer(503, headers: ["Retry-After: 2"]) : .answer(200)
        }
        try await withFakeUpstream(script) { server in
            let time = SteppedTime(.seconds(1_000_000_000))
            try await WebhookBench.with(pacing: time.pacing()) { bench in
                _ = try await bench.output(at: server)
            }
            #expect(time.pauses == [.seconds(2)])
            let sent = server.requests.map(\.headers)
            #expect(sent.map { $0["webhook-timestamp"] } == ["1000000000", "1000000002"])
            #expect(Set(sent.map { $0["webhook-signature"] }).count == 2)
        }
    }

    @Test(arguments: [400, 401, 403, 404, 409, 410, 422])
    func `what will not pass is final`(status: Int) async throws {
        try await withFakeUpstream(Statuses([status]).script) { server in
            try await WebhookBench.with { bench in
                #expect(await bench.error(at: server) == .status(status))
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a lost connection is tried again`() async throws {
        let script: FakeUpstream.Script = { $0.connection == 0 ? [.reset] : .answer(200, "back") }
        try await withFakeUpstream(script) { server in
            try await WebhookBench.with { bench in
                let output = try await bench.output(at: server)
                #expect(output == "back")
            }
        }
    }

    @Test func `trying ends at a number, too`() async throws {
        try await withFakeUpstream({ _ in .answer(500) }) { server in
            let pauses = RecordedPauses()
            try await WebhookBench.with(pacing: pauses.pacing(random: 0.99)) { bench in
                #expect(await bench.error(at: server, timeoutMs: 30_000) == .status(500))
            }
            #expect(server.requests.count == 8)
            #expect(pauses.all.count == 7)
            #expect(zip(pauses.all, pauses.all.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(pauses.all.allSatisfy { $0 >= .milliseconds(100) && $0 <= .seconds(4) })
        }
    }
}
