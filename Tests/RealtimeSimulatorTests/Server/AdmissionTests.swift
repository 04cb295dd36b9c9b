import JSON
import Testing
import WebServer

@testable import RealtimeSimulator

@Suite struct AdmissionTests {
    private static func admit(
        _ query: [(name: String, value: String)],
        _ headers: HTTPHeaders = ["Authorization": "Bearer sk-sim"],
        keys: [String: KeyStore.Key] = [:]
    ) -> Admission {
        let request = HTTPRequest(
            method: .get,
            rawPath: "/v1/realtime",
            path: "/v1/realtime",
            query: QueryParameters(pairs: query),
            headers: headers,
            body: [],
            remoteAddress: "127.0.0.1",
            isSecure: false,
            id: "req"
        )
        return Admission(
            request,
            standardKey: "sk-sim",
            hasCall: { $0 == "rtc_u0_1" },
            findKey: { keys[$0] }
        )
    }

    private static let model: [(name: String, value: String)] = [("model", "gpt-realtime")]

    @Test func `a standard key opens a session of the model`() {
        #expect(Self.admit(Self.model) == .session(SessionConfiguration(model: "gpt-realtime")))
    }

    @Test func `browsers show their key in a subprotocol`() {
        let headers: HTTPHeaders = [
            "Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.sk-sim"
        ]
        #expect(
            Self.admit(Self.model, headers) == .session(SessionConfiguration(model: "gpt-realtime"))
        )
    }

    @Test func `an ephemeral key brings the session that it is bound to`() throws {
        let bound = try SessionConfiguration(creating: [
            "type": "realtime", "model": "gpt-realtime-2.1", "instructions": "Bound.",
        ])
        let keys = ["ek_1": KeyStore.Key(session: bound, expiresAt: 1)]
        let headers: HTTPHeaders = ["Authorization": "Bearer ek_1"]
        #expect(Self.admit([], headers, keys: keys) == .session(bound))
        #expect(Self.refusal([], headers)?.reason == "invalid_request_error.invalid_api_key")
    }

    @Test func `a sideband needs the standard key and a call in progress`() {
        let call = [(name: "call_id", value: "rtc_u0_1")]
        #expect(Self.admit(call) == .sideband(callID: "rtc_u0_1"))
        let keys = ["ek_1": KeyStore.Key(session: SessionConfiguration(), expiresAt: 1)]
        let headers: HTTPHeaders = ["Authorization": "Bearer ek_1"]
        #expect(Self.refusal(call, headers, keys: keys)?.code == 3_000)
    }

    private static func refusal(
        _ query: [(name: String, value: String)],
        _ headers: HTTPHeaders,
        keys: [String: KeyStore.Key] = [:]
    ) -> Refusal? {
        guard case .refusal(let refusal) = admit(query, headers, keys: keys) else { return nil }
        return refusal
    }

    struct Case: Sendable {
        let query: [(name: String, value: String)]
        let headers: HTTPHeaders
        let code: UInt16
        let reason: String
    }

    static let cases = [
        Case(
            query: model,
            headers: ["Authorization": "Bearer sk-wrong"],
            code: 3_000,
            reason: "invalid_request_error.invalid_api_key"
        ),
        Case(query: model, headers: [:], code: 3_000, reason: "invalid_request_error"),
        Case(
            query: [("model", "gpt-9")],
            headers: ["Authorization": "Bearer sk-sim"],
            code: 4_000,
            reason: "invalid_request_error.invalid_model"
        ),
        Case(
            query: [],
            headers: ["Authorization": "Bearer sk-sim"],
            code: 4_000,
            reason: "invalid_request_error.missing_model"
        ),
        Case(
            query: model,
            headers: ["Authorization": "Bearer sk-sim", "OpenAI-Beta": "realtime=v1"],
            code: 4_000,
            reason: "invalid_request_error.beta_api_shape_disabled"
        ),
        Case(
            query: [("call_id", "rtc_1")],
            headers: ["Authorization": "Bearer sk-sim"],
            code: 4_000,
            reason: "invalid_request_error.call_id_not_found"
        ),
    ]

    @Test(arguments: cases)
    func `a refusal has its close code and reason`(each: Case) {
        let refusal = Self.refusal(each.query, each.headers)
        #expect(refusal?.code == each.code)
        #expect(refusal?.reason == each.reason)
    }

    @Test(arguments: [
        ("sk-proj-abcdefgh1234", "sk-proj-****1234"), ("sk-abcdefghijk5678", "sk-****5678"),
        ("abcdefghijklmnop", "****mnop"), ("sk-short", "****"), ("", "****"),
    ])
    func `a key is shown masked`(key: String, masked: String) {
        #expect(Credential.masked(key) == masked)
    }

    @Test func `the oldest key is forgotten when there are too many, and expired ones at once`() {
        let store = KeyStore(limitBytes: 10_000)
        var session = SessionConfiguration()
        session.instructions = String(repeating: "x", count: 2_000)
        let first = store.mint(.init(session: session, expiresAt: 100))
        #expect(first.hasPrefix("ek_") && first.utf8.count == 35)
        #expect(store.find(first, at: 99) != nil)
        #expect(store.find(first, at: 100) == nil)
        for _ in 0..<2 { _ = store.mint(.init(session: session, expiresAt: 100)) }
        #expect(store.find(first, at: 99) != nil)
        _ = store.mint(.init(session: session, expiresAt: 100))
        #expect(store.find(first, at: 99) == nil)
    }
}
