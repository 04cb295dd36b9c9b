import Glibc
import Testing
import WebServer

@testable import SessionBroker

/// What a client with ``HTTPClient/Destinations/publicOnly`` does not connect to.
@Suite struct HTTPClientDestinationTests {
    private var guarded: HTTPClient.Settings {
        var settings = HTTPClient.Settings()
        settings.destinations = .publicOnly
        settings.usesProxies = false
        return settings
    }

    @Test(arguments: [
        "127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "0", "127.1",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    ])
    func `no name and no spelling of this machine is connected to`(host: String) async throws {
        try await withFakeUpstream({ _ in .answer(200) }) { upstream in
            try await HTTPClient.with(guarded) { client in
                let request = OutgoingRequest(.get, "http://\(host):\(upstream.port)/")
                await #expect(throws: HTTPClientError.destinationRefused) {
                    try await client.send(request)
                }
            }
            #expect(upstream.connectionCount == 0)
        }
    }

    @Test func `what is refused is refused at once, however often one may try`() async throws {
        let pauses = RecordedPauses()
        try await HTTPClient.with(guarded, pacing: pauses.pacing()) { client in
            await #expect(throws: HTTPClientError.destinationRefused) {
                try await client.send(OutgoingRequest(.get, "http://169.254.169.254/latest"))
            }
        }
        #expect(pauses.all.isEmpty)
    }

    @Test func `any address is connected to unless that is wished`() async throws {
        try await withFakeUpstream({ _ in .answer(200) }) { upstream in
            try await HTTPClient.with { client in
                let response = try await client.send(.make(upstream))
                #expect(response.status == 200)
            }
        }
    }

    // The environment is the whole process's, so each of these has a process of its own.

    @Test func `the environment's proxy is used`() async {
        await #expect(processExitsWith: .success) {
            try await countRequests(usesProxies: true, direct: 0, proxied: 1)
        }
    }

    @Test func `the environment's proxy is not used when that is not wished`() async {
        await #expect(processExitsWith: .success) {
            try await countRequests(usesProxies: false, direct: 1, proxied: 0)
        }
    }
}

/// Sends a request where the environment names a proxy, and checks who got it.
private func countRequests(usesProxies: Bool, direct: Int, proxied: Int) async throws {
    try await withFakeUpstream({ _ in .answer(200) }) { proxy in
        try await withFakeUpstream({ _ in .answer(200) }) { upstream in
            setenv("http_proxy", proxy.url(), 1)
            for name in ["no_proxy", "NO_PROXY"] { unsetenv(name) }
            var settings = HTTPClient.Settings()
            settings.usesProxies = usesProxies
            try await HTTPClient.with(settings) { client in
                let response = try await client.send(.make(upstream))
                #expect(response.status == 200)
            }
            #expect(proxy.requests.count == proxied)
            #expect(upstream.requests.count == direct)
        }
    }
}
