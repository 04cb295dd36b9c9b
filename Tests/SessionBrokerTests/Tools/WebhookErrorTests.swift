import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite struct WebhookErrorTests {
    private static let all: [WebhookError] = [
        .timedOut, .unreachable("no route to tools.internal"), .addressRefused, .status(500),
        .tooLarge(limitBytes: 1), .notText, .notSent("overloaded"),
    ]

    @Test(arguments: all)
    func `the model is told a sentence, and nothing of where the tool is`(error: WebhookError) {
        #expect(error.modelMessage.hasPrefix("The tool") && error.modelMessage.hasSuffix("."))
        #expect(!error.modelMessage.contains("internal") && !error.modelMessage.contains("500"))
        #expect(!error.description.isEmpty)
    }

    @Test func `a private address is not called, and the log says how to allow it`() async throws {
        try await withFakeUpstream({ _ in .answer(200) }) { server in
            try await WebhookBench.with(allowsPrivate: false) { bench in
                let error = await bench.error(at: server)
                #expect(error == .addressRefused)
                #expect(error?.description.contains("BROKER_WEBHOOK_ALLOW_PRIVATE") == true)
            }
            #expect(server.connectionCount == 0)
        }
    }

    @Test func `no error holds a header, a path, a query or an answer`() async throws {
        let script: FakeUpstream.Script = { request in
            switch request.target.split(separator: "?").first {
            case "/status-sesame": .answer(500, "sesame in the answer")
            case "/cut-sesame": .raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsesame")
            case "/noise-sesame": .raw("sesame sesame sesame\r\n\r\n")
            case "/empty-sesame": [.close]
            case "/late-sesame": [.hold]
            default: .answer(302, headers: ["Location: /sesame"])
            }
        }
        try await withFakeUpstream(script) { server in
            try await WebhookBench.with { bench in
                for path in ["status", "cut", "noise", "empty", "late", "moved"] {
                    let error = await bench.error(
                        at: server,
                        path: "/\(path)-sesame?key=sesame",
                        headers: ["X-Key": "sesame"],
                        timeoutMs: 150
                    )
                    var dumped = ""
                    dump(error, to: &dumped)
                    for text in [dumped, error?.description, error?.modelMessage] {
                        #expect(text?.contains("sesame") == false, "\(path): \(text ?? "")")
                    }
                }
            }
        }
    }

    @Test func `nobody there is unreachable, with the reason for the log`() async throws {
        let server = try FakeUpstream.refusing()
        defer { server.stop() }
        try await WebhookBench.with { bench in
            let error = await bench.error(at: server)
            guard case .unreachable(let why) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(why.contains("127.0.0.1"))
        }
    }

    @Test func `a client that was shut down calls nobody`() async throws {
        try await withFakeUpstream({ _ in .answer(200) }) { server in
            try await WebhookBench.with { bench in
                bench.client.shutdown()
                let error = await bench.error(at: server)
                #expect(error?.modelMessage == "The tool could not be called.")
            }
            #expect(server.connectionCount == 0)
        }
    }
}
