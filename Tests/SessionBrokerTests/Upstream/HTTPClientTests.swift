import Testing
import WebServer

@testable import SessionBroker

@Suite struct HTTPClientTests {
    @Test func `a request arrives whole, and so does its answer`() async throws {
        try await withFakeUpstream({ _ in .answer(201, "{}", headers: ["X-One: a", "X-One:b "]) }) {
            upstream in
            let response = try await HTTPClient.with { client in
                try await client.send(
                    OutgoingRequest(
                        .patch,
                        upstream.url("/v1/x?y=%20"),
                        headers: ["X-Two": "zwei", "X-Empty": ""],
                        body: Array("hällo\0".utf8)
                    )
                )
            }
            #expect(response.status == 201)
            #expect(response.body == Array("{}".utf8))
            #expect(response.headers.values(of: "x-one") == ["a", "b"])
            let request = try #require(upstream.requests.first)
            #expect(request.method == "PATCH")
            #expect(request.target == "/v1/x?y=%20")
            #expect(request.headers["x-two"] == "zwei")
            #expect(request.headers["x-empty"] == "")
            #expect(request.headers["Content-Type"] == nil)
            #expect(request.headers["Expect"] == nil)
            #expect(request.body == Array("hällo\0".utf8))
        }
    }

    @Test(arguments: [[], [1, 2]] as [[UInt8]])
    func `a body is sent with its length, an empty one too`(body: [UInt8]) async throws {
        try await withFakeUpstream({ _ in .answer(200) }) { upstream in
            _ = try await HTTPClient.with { client in
                try await client.send(OutgoingRequest(.post, upstream.url(), body: body))
            }
            let request = try #require(upstream.requests.first)
            #expect(request.method == "POST")
            #expect(request.headers["Content-Length"] == String(body.count))
            #expect(request.body == body)
        }
    }

    @Test func `requests one after another share a connection, and leave nothing behind`()
        async throws
    {
        try await withFakeUpstream({ .answer(200, $0.method) }) { upstream in
            try await HTTPClient.with { client in
                for method in [HTTPMethod.post, .get, .delete] {
                    let body: [UInt8]? = method == .post ? [1, 2, 3] : nil
                    let headers: HTTPHeaders = method == .post ? ["X-Only": "post"] : [:]
                    let request = OutgoingRequest(
                        method,
                        upstream.url(),
                        headers: headers,
                        body: body
                    )
                    let response = try await client.send(request)
                    #expect(response.body == Array(method.rawValue.utf8))
                }
            }
            #expect(upstream.connectionCount == 1)
            #expect(upstream.requests.map(\.body) == [[1, 2, 3], [], []])
            #expect(upstream.requests.map { $0.headers["X-Only"] } == ["post", nil, nil])
        }
    }

    @Test func `a HEAD has a length but no body, and the next GET has its body`() async throws {
        let script: FakeUpstream.Script = { request in
            request.method == "HEAD"
                ? [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".utf8))]
                : .answer(200, "hello")
        }
        try await withFakeUpstream(script) { upstream in
            try await HTTPClient.with { client in
                let head = try await client.send(OutgoingRequest(.head, upstream.url()))
                #expect(head.headers["Content-Length"] == "5")
                #expect(head.body.isEmpty)
                let get = try await client.send(OutgoingRequest(.get, upstream.url()))
                #expect(get.body == Array("hello".utf8))
            }
        }
    }

    @Test func `many requests at once each get their own answer`() async throws {
        try await withFakeUpstream({ .answer(200, $0.target) }) { upstream in
            try await HTTPClient.with { client in
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            let request = OutgoingRequest(.get, upstream.url("/\(number)"))
                            let response = try await client.send(request)
                            return response.body == Array("/\(number)".utf8)
                        }
                    }
                    for try await isRight in group { #expect(isRight) }
                }
            }
            #expect(upstream.requests.count == 100)
        }
    }

    @Test func `redirects are handed on, not followed`() async throws {
        try await withFakeUpstream({ _ in .answer(302, headers: ["Location: /other"]) }) {
            upstream in
            let response = try await HTTPClient.with {
                try await $0.send(OutgoingRequest(.get, upstream.url()))
            }
            #expect(response.status == 302)
            #expect(upstream.requests.count == 1)
        }
    }

    @Test(arguments: [
        OutgoingRequest(.get, "ftp://127.0.0.1/"),
        OutgoingRequest(.get, "file:///etc/passwd"),
        OutgoingRequest(.get, "127.0.0.1"),
        OutgoingRequest(.get, "http://127.0.0.1/a b"),
        OutgoingRequest(.get, "http://127.0.0.1/\r\nX-A: b"),
        OutgoingRequest(.get, "http://127.0.0.1:99999/"),
        OutgoingRequest(.get, "http://127.0.0.1/", headers: ["X-A": "b\r\nX-C: d"]),
        OutgoingRequest(.get, "http://127.0.0.1/", headers: ["X-A: b\r\nX-C": "d"]),
        OutgoingRequest(.get, "http://127.0.0.1/", headers: ["": "d"]),
        OutgoingRequest(.get, "http://127.0.0.1/", headers: ["X-A": "b\0"]),
    ])
    func `a request that would break out of its form is refused`(request: OutgoingRequest)
        async throws
    {
        try await HTTPClient.with { client in
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.send(request)
            }
            guard case .invalidRequest = error else {
                Issue.record("not refused, but \(String(describing: error))")
                return
            }
        }
    }

    @Test func `after shutdown nothing is sent any more`() async throws {
        try await withFakeUpstream({ _ in .answer(200) }) { upstream in
            let client = try HTTPClient()
            client.shutdown()
            client.shutdown()
            await #expect(throws: HTTPClientError.shutDown) {
                try await client.send(OutgoingRequest(.get, upstream.url()))
            }
            #expect(upstream.requests.isEmpty)
        }
    }
}
