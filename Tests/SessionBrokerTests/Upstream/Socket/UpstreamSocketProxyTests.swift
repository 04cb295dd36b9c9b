import Glibc
import Testing
import WebServer

@testable import SessionBroker

/// Proxies are set in the environment, so each test is a process of its own.
@Suite(.timeLimit(.minutes(1)))
struct UpstreamSocketProxyTests {
    @Test func `a proxy makes a way through, and never sees the key`() async {
        await #expect(processExitsWith: .success) {
            let script: FakeUpstream.Script = { request in
                request.method == "CONNECT"
                    ? [.send(Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8))]
                    : .upgrade(request, then: [0x81, 0x02, 0x6F, 0x6B]) + [.hold]
            }
            try await withFakeUpstream(script) { proxy in
                setenv("http_proxy", proxy.url(), 1)
                try await withSocketBench("http://upstream.invalid:81/v1") { bench in
                    let log = try await bench.start()
                    #expect(await log.next() == .text("ok"))
                }
                try #require(proxy.requests.count == 2)
                #expect(proxy.requests[0].target == "upstream.invalid:81")
                #expect(proxy.requests[0].headers["Authorization"] == nil)
                #expect(proxy.requests[1].target == "/v1/realtime?model=gpt-realtime")
                #expect(proxy.requests[1].headers["Host"] == "upstream.invalid:81")
            }
        }
    }

    @Test func `a proxy that makes no way is told as a connection that failed`() async {
        await #expect(processExitsWith: .success) {
            try await withFakeUpstream({ _ in .answer(403) + [.close] }) { proxy in
                setenv("http_proxy", proxy.url(), 1)
                try await withSocketBench("http://upstream.invalid") { bench in
                    let error = await bench.failure()
                    guard case .connectFailed(let why) = error else {
                        Issue.record("\(String(describing: error))")
                        return
                    }
                    #expect(why.contains("403"))
                }
            }
        }
    }
}
