import Testing

@testable import WebServer

@Suite struct RouterTests {
    private let application = HTTPApplication.make([
        Route(.get, "/api/things") { _ in .text("list") },
        Route(.post, "/api/things") { .text("made " + String(decoding: $0.body, as: UTF8.self)) },
        Route(.get, "/api/things/{id}") { .text("thing " + ($0.pathParameters["id"] ?? "")) },
        Route(.get, "/api/things/special") { _ in .text("special") },
        Route(.get, "/api/things/{id}/parts/{part}") {
            .text("\($0.pathParameters["id"] ?? "")/\($0.pathParameters["part"] ?? "")")
        },
        Route(.delete, "/api/things/{id}") { _ in throw HTTPError.badRequest("no") },
    ])

    @Test(arguments: [
        ("/api/things", "list"), ("/api/things/a%20b", "thing a b"),
        ("/api/things/special", "special"), ("/api/things/a/parts/%C3%A9", "a/é"),
        ("/api/things/special/parts/2", "special/2"), ("/api/things/a%2Fb", "thing a/b"),
    ])
    func `a path finds its route and its parameters`(path: String, answer: String) async {
        #expect(await application.respond(to: .make(.get, path)).text == answer)
    }

    @Test(arguments: ["/", "/api", "/api/things/", "/api/things/a/parts", "/api/things/%ff"])
    func `an unknown path is a 404`(path: String) async {
        #expect(await application.respond(to: .make(.get, path)).status == 404)
    }

    @Test func `a known path with another method is a 405 that names what is allowed`() async {
        let response = await application.respond(to: .make(.put, "/api/things"))
        #expect(response.status == 405)
        #expect(response.headers["Allow"] == "GET, HEAD, POST, OPTIONS")
    }

    @Test func `HEAD is answered by GET's route and OPTIONS by the table`() async {
        #expect(await application.respond(to: .make(.head, "/api/things")).status == 200)
        let options = await application.respond(to: .make(.options, "/api/things/x"))
        #expect(options.status == 204)
        #expect(options.headers["Allow"] == "GET, HEAD, DELETE, OPTIONS")
    }

    @Test(arguments: [
        (nil, 200), ("application/json", 200), ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("", 415),
    ])
    func `a body of a type that is not read is a 415`(type: String?, status: Int) async {
        var headers: HTTPHeaders = [:]
        headers["Content-Type"] = type
        let request = HTTPRequest.make(.post, "/api/things", headers: headers, body: "{}")
        #expect(await application.respond(to: request).status == status)
    }

    @Test func `every answer carries the request's id`() async {
        for path in ["/api/things", "/nowhere"] {
            let response = await application.respond(to: .make(.get, path))
            #expect(response.headers["X-Request-Id"] == "req_test")
        }
        let failed = await application.respond(to: .make(.delete, "/api/things/1"))
        #expect(failed.status == 400)
        #expect(failed.text.contains(#""request_id":"req_test""#))
    }

    @Test func `an error that nobody knows is a 500 without detail`() async {
        struct Secret: Error { let word = "hunter2" }
        let application = HTTPApplication.make([Route(.get, "/x") { _ in throw Secret() }])
        let response = await application.respond(to: .make(.get, "/x"))
        #expect(response.status == 500)
        #expect(!response.text.contains("hunter2"))
    }
}
