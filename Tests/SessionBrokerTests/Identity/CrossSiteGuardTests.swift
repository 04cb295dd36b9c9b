import ContextStore
import Testing
import WebServer

@testable import SessionBroker

@Suite struct CrossSiteGuardTests {
    @Test(
        arguments: [
            (.get, "https://evil.example", "cross-site", "127.0.0.1:8080", true),
            (.post, nil, nil, "127.0.0.1:8080", true),
            (.post, nil, "none", "127.0.0.1:8080", true),
            (.post, nil, "cross-site", "127.0.0.1:8080", false),
            (.post, "http://127.0.0.1:8080", "same-origin", "127.0.0.1:8080", true),
            (.post, "http://localhost:8080", "same-origin", "localhost:8080", true),
            (.post, "http://LOCALHOST", nil, "localhost:80", true),
            (.post, "https://localhost", nil, "localhost", true),
            (.post, "http://127.0.0.1:8081", "same-site", "127.0.0.1:8080", false),
            (.post, "http://localhost:8080", nil, "127.0.0.1:8080", false),
            (.post, "https://evil.example", nil, "127.0.0.1:8080", false),
            (.post, "null", nil, "127.0.0.1:8080", false),
            (.post, "", nil, "127.0.0.1:8080", false),
            (.post, "http://", nil, "127.0.0.1:8080", false),
            (.delete, "https://evil.example", nil, "127.0.0.1:8080", false),
            (.patch, "https://evil.example", nil, "127.0.0.1:8080", false),
            (.post, "https://app.example", "cross-site", "127.0.0.1:8080", true),
            (.post, "http://app.example", "cross-site", "127.0.0.1:8080", false),
            (.post, "https://app.example.evil", "cross-site", "127.0.0.1:8080", false),
            (.post, "https://app.example", "same-origin", "app.example", true),
        ] as [(HTTPMethod, String?, String?, String, Bool)]
    )
    func `what changes something comes from our pages or allowed ones`(
        method: HTTPMethod,
        origin: String?,
        site: String?,
        host: String,
        passes: Bool
    ) {
        var request = HTTPRequest.make(method, host: host)
        request.headers["Origin"] = origin
        request.headers["Sec-Fetch-Site"] = site
        #expect(self.passes(request) == passes)
    }

    @Test func `a WebSocket is guarded as what changes something`() {
        var request = HTTPRequest.make(headers: ["Upgrade": "websocket"])
        #expect(passes(request))
        request.headers["Origin"] = "http://127.0.0.1:8080"
        #expect(passes(request))
        request.headers["Origin"] = "https://evil.example"
        #expect(!passes(request))
    }

    @Test(
        arguments: [
            ("localhost", true), ("LocalHost:8080", true), ("broker.localhost:1", true),
            ("127.0.0.1", true), ("127.1.2.3:8080", true), ("[::1]", true), ("[::1]:8080", true),
            ("app.example:8080", true), (nil, true),
            ("evil.example", false), ("evil.example:8080", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false), ("0.0.0.0:8080", false), ("192.168.0.1", false),
            ("[::2]:1", false), ("", false), ("notlocalhost", false),
        ] as [(String?, Bool)]
    )
    func `on loopback the name must be a loopback name`(host: String?, passes: Bool) {
        #expect(self.passes(.make(.get, host: host)) == passes)
    }

    @Test func `elsewhere any name will do, but the origin must still fit`() {
        let guarding = CrossSiteGuard(cors: .sameOrigin, isOnLoopback: false)
        #expect(throws: Never.self) {
            try guarding.check(.make(.get, host: "broker.example"))
            try guarding.check(
                .make(.post, headers: ["Origin": "https://broker.example"], host: "broker.example")
            )
        }
        let error = #expect(throws: HTTPError.self) {
            try guarding.check(
                .make(.post, headers: ["Origin": "https://evil.example"], host: "broker.example")
            )
        }
        #expect(error?.status == 403)
        #expect(error?.type == "permission_error")
    }

    private func passes(_ request: HTTPRequest) -> Bool {
        let cors = CORSPolicy(allowedOrigins: ["https://app.example"])
        let guarding = CrossSiteGuard(cors: cors, isOnLoopback: true)
        return (try? guarding.check(request)) != nil
    }
}
