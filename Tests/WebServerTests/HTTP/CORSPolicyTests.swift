import Testing

@testable import WebServer

@Suite struct CORSPolicyTests {
    private let routes = [Route(.post, "/x") { _ in .text("ok") }]

    private func answer(
        _ policy: CORSPolicy,
        _ method: HTTPMethod,
        _ origin: String,
        asking fields: String? = nil
    ) async -> HTTPResponse {
        var headers: HTTPHeaders = [
            "Origin": origin, "Access-Control-Request-Method": "POST",
        ]
        if let fields { headers["Access-Control-Request-Headers"] = fields }
        let application = HTTPApplication.make(routes, cors: policy)
        return await application.respond(to: .make(method, "/x", headers: headers))
    }

    @Test func `an allowed origin may read answers, with the user's cookie`() async {
        let policy = CORSPolicy(allowedOrigins: ["https://a.example"])
        let response = await answer(policy, .post, "https://a.example")
        #expect(response.headers["Access-Control-Allow-Origin"] == "https://a.example")
        #expect(response.headers["Access-Control-Allow-Credentials"] == "true")
        #expect(response.headers["Vary"] == "Origin")
    }

    @Test func `a preflight names methods and header fields`() async {
        let policy = CORSPolicy(allowedOrigins: ["https://a.example"])
        let response = await answer(policy, .options, "https://a.example")
        #expect(response.status == 204)
        #expect(response.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS")
        let fields = response.headers["Access-Control-Allow-Headers"] ?? ""
        #expect(fields.contains("Idempotency-Key") && fields.contains("Last-Event-ID"))
    }

    @Test func `a preflight allows the header fields that it asks for, and no nonsense`() async {
        let policy = CORSPolicy(allowedOrigins: ["https://a.example"])
        for (asked, isAllowed) in [("openai-beta, x-stainless-lang", true), ("a\u{7F}b", false)] {
            let response = await answer(policy, .options, "https://a.example", asking: asked)
            #expect((response.headers["Access-Control-Allow-Headers"] == asked) == isAllowed)
        }
    }

    @Test func `another origin gets no permission`() async {
        for policy in [CORSPolicy.sameOrigin, CORSPolicy(allowedOrigins: ["https://a.example"])] {
            for method in [HTTPMethod.post, .options] {
                let response = await answer(policy, method, "https://evil.example")
                #expect(response.headers["Access-Control-Allow-Origin"] == nil)
                #expect(response.headers["Access-Control-Allow-Methods"] == nil)
            }
        }
    }

    @Test func `a star allows all origins, without credentials`() async {
        let policy = CORSPolicy(allowedOrigins: ["*"])
        let response = await answer(policy, .post, "https://any.example")
        #expect(response.headers["Access-Control-Allow-Origin"] == "*")
        #expect(response.headers["Access-Control-Allow-Credentials"] == nil)
    }
}
