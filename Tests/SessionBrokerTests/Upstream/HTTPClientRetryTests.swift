import Testing
import WebServer

@testable import SessionBroker

@Suite struct HTTPClientRetryTests {
    @Test(arguments: [429, 503])
    func `come back later is followed for a request that is safe to repeat`(status: Int)
        async throws
    {
        let pauses = RecordedPauses()
        try await withFakeUpstream({ _ in .answer(status, headers: ["Retry-After: 2"]) }) {
            upstream in
            try await HTTPClient.with(pacing: pauses.pacing(random: 0.5)) { client in
                let request = OutgoingRequest.make(upstream, isSafeToRepeat: true)
                let response = try await client.send(request)
                #expect(response.status == status)
            }
            #expect(upstream.requests.count == 3)
            #expect(pauses.all == [.milliseconds(2_250), .milliseconds(2_250)])
        }
    }

    @Test(arguments: [
        (429, "Retry-After: 2", false),  // not safe to repeat
        (429, "X-None: 2", true),  // not told when
        (429, "Retry-After: soon", true),  // not told when in words that are known
        (429, "Retry-After: 30", true),  // after the deadline
        (500, "Retry-After: 2", true),  // not told to come back
        (200, "Retry-After: 2", true),
    ])
    func `all else is final`(status: Int, header: String, isSafe: Bool) async throws {
        let pauses = RecordedPauses()
        try await withFakeUpstream({ _ in .answer(status, headers: [header]) }) { upstream in
            try await HTTPClient.with(pacing: pauses.pacing()) { client in
                let request = OutgoingRequest.make(upstream, isSafeToRepeat: isSafe)
                let response = try await client.send(request)
                #expect(response.status == status)
            }
            #expect(upstream.requests.count == 1)
            #expect(pauses.all.isEmpty)
        }
    }

    @Test func `a refused connection is tried again with growing, jittered pauses`() async throws {
        let gone = try FakeUpstream.refusing()
        defer { gone.stop() }
        for (random, expected) in [(0.0, [25, 50]), (0.5, [37.5, 75])] as [(Double, [Double])] {
            let pauses = RecordedPauses()
            try await HTTPClient.with(pacing: pauses.pacing(random: random)) { client in
                let error = await #expect(throws: HTTPClientError.self) {
                    try await client.send(.make(gone))
                }
                guard case .connectFailed = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            #expect(pauses.all == expected.map { .milliseconds($0) })
        }
    }

    @Test func `a lost connection is tried again for a request that is safe to repeat`() {
        let policy = RetryPolicy(attemptLimit: 3, pacing: RecordedPauses().pacing())
        let lost = TransferOutcome.failure(HTTPClientError.connectionLost("GOAWAY"))
        #expect(policy.pause(after: lost, attempt: 1, isSafeToRepeat: true) == .milliseconds(25))
        #expect(policy.pause(after: lost, attempt: 3, isSafeToRepeat: true) == nil)
        #expect(policy.pause(after: lost, attempt: 1, isSafeToRepeat: false) == nil)
    }

    @Test func `a cancelled pause ends the request`() async throws {
        let pacing = HTTPClient.Pacing(
            sleep: { _ in throw CancellationError() },
            unixSeconds: { 0 },
            random: { 0 }
        )
        try await withFakeUpstream({ _ in .answer(429, headers: ["Retry-After: 1"]) }) { upstream in
            try await HTTPClient.with(pacing: pacing) { client in
                await #expect(throws: CancellationError.self) {
                    try await client.send(.make(upstream, isSafeToRepeat: true))
                }
            }
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("120", 120), ("1000000", 86_400), ("99999999999999999999", nil),
            ("-1", nil), ("", nil), ("soon", nil),
            // 784111777 is the date of RFC 9110's example, here in its three forms.
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
            ("Sun Nov  6 08:49:37 1994", 37),
            ("Sun, 06 Nov 1994 08:48:37 GMT", 0),
        ] as [(String, Int64?)]
    )
    func `Retry-After is read as seconds or a date`(value: String, seconds: Int64?) {
        #expect(RetryAfter.seconds(in: value, now: 784_111_740) == seconds)
    }
}
