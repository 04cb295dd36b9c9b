public import JSON
internal import Locking

/// What goes wrong on purpose, and what is said and heard; read strictly from JSON.
///
///     {"http": [
///        {"path": "/v1/realtime/client_secrets", "times": 2, "status": 429,
///         "headers": {"Retry-After": "1"}, "body": {"error": {"code": "slow_down"}}},
///        {"delay_ms": 2000}, {"drop": true}],
///      "sockets": [
///        {"times": 1,
///         "drop_after_events": 12, "close": {"code": 1011, "reason": "gone"},
///         "expire_after_seconds": 5,
///         "transcriptions": [{"text": "Hello.", "delay_ms": 900, "duplicate": true},
///                            {"error": {"code": "audio_unintelligible", "message": "…"}}],
///         "answers": ["Hi!", {"error": {"code": "insufficient_quota", "message": "…"}}],
///         "rate_limits": {"limit": 1000, "remaining": 10, "reset_seconds": 30}}],
///      "responses": [
///        {"times": 2, "text": "{\"summary\": \"…"}, {"refusal": "I cannot help with that."},
///        {"incomplete": "max_output_tokens"}, {"error": {"code": "server_error"}}]}
///
/// Each entry of `http` is for the next request whose path it names (any, without a path), and is
/// used up after `times` requests (1). Each entry of `sockets` is for the next connection, `times`
/// times. A `text` of `transcriptions` is what the user is taken to have said in the next audio
/// turn. Each entry of `responses` is for the next text that the language model is asked for, `times`
/// times. What no entry is left for works as it should. Every member is optional.
public struct Scenario: Sendable {
    /// What happens to one HTTP request.
    struct HTTPStep: Sendable, Equatable {
        var path: String?
        var times = 1
        var status: Int?
        var headers: [String: String] = [:]
        /// The body's bytes and type, when the simulator should not answer itself.
        var body: [UInt8] = []
        var isJSON = true
        var delayMs = 0
        var drops = false
    }

    var http: [HTTPStep] = []
    var sockets: [(times: Int, scenario: SocketScenario)] = []
    var calls: [(times: Int, scenario: SocketScenario)] = []
    var responses: [ScriptedTextAnswer] = []
    /// Whether transcription and translation sessions understand the language of tones.
    var hearsTones = false

    /// Nothing goes wrong.
    public init() {}

    /// Reads a script.
    ///
    /// - Throws: `JSONError` naming what is unknown or of a wrong type.
    public init(_ json: JSONValue) throws(JSONError) {
        var reader = try JSONReader(of: json)
        for (index, value) in (try reader.array("http") ?? []).enumerated() {
            var step = try JSONReader(of: value, path: "http[\(index)]")
            http.append(try HTTPStep(&step))
        }
        sockets = try Self.sessions("sockets", &reader, ofCalls: false)
        calls = try Self.sessions("calls", &reader, ofCalls: true)
        for (index, value) in (try reader.array("responses") ?? []).enumerated() {
            var answer = try JSONReader(of: value, path: "responses[\(index)]")
            responses.append(try ScriptedTextAnswer(&answer))
        }
        hearsTones = try reader.bool("hears_tones") ?? false
        try reader.finish()
    }

    private static func sessions(
        _ key: String,
        _ reader: inout JSONReader,
        ofCalls: Bool
    ) throws(JSONError) -> [(times: Int, scenario: SocketScenario)] {
        var sessions: [(times: Int, scenario: SocketScenario)] = []
        for (index, value) in (try reader.array(key) ?? []).enumerated() {
            var entry = try JSONReader(of: value, path: "\(key)[\(index)]")
            let times = try entry.integer("times", in: 1...1_000_000) ?? 1
            sessions.append((Int(times), try SocketScenario(&entry, ofCall: ofCalls)))
        }
        return sessions
    }
}

extension Scenario.HTTPStep {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        path = try reader.string("path")
        times = Int(try reader.integer("times", in: 1...1_000_000) ?? 1)
        status = try reader.integer("status", in: 200...599).map(Int.init)
        for (name, value) in try reader.object("headers")?.members ?? [] {
            guard let text = value.stringValue else {
                throw reader.error("invalid_type", "Header fields are strings.", "headers")
            }
            headers[name] = text
        }
        delayMs = Int(try reader.integer("delay_ms", in: 0...600_000) ?? 0)
        drops = try reader.bool("drop") ?? false
        let text = try reader.string("text")
        if let text {
            body = Array(text.utf8)
            isJSON = false
        } else if let value = reader.value("body") {
            body = value.bytes
        }
        guard status != nil || (text == nil && reader.value("body") == nil) else {
            throw reader.missing("status")
        }
        try reader.finish()
    }
}

/// Hands out a script's entries, from any thread.
final class ScenarioPlayer: Sendable {
    private let scenario: Mutex<Scenario>

    init(_ scenario: Scenario) {
        self.scenario = Mutex(scenario)
    }

    /// The entry for a request, used up by it; nil when it should be answered properly.
    func step(for path: String) -> Scenario.HTTPStep? {
        scenario.withLock { scenario in
            guard let index = scenario.http.firstIndex(where: { $0.path ?? path == path }) else {
                return nil
            }
            let step = scenario.http[index]
            scenario.http[index].times -= 1
            if scenario.http[index].times == 0 { scenario.http.remove(at: index) }
            return step
        }
    }

    /// Whether sessions understand tones.
    var hearsTones: Bool { scenario.withLock { $0.hearsTones } }

    /// The entry for a session, used up by it; `language` is the target of a translation.
    func nextSocket(_ kind: SessionKind = .realtime, language: String? = nil) -> SocketScenario {
        scenario.withLock { Self.take(&$0.sockets) { $0.audience.includes(kind, language) } }
    }

    func nextCall() -> SocketScenario {
        scenario.withLock { Self.take(&$0.calls) { _ in true } }
    }

    private static func take(
        _ entries: inout [(times: Int, scenario: SocketScenario)],
        where fits: (SocketScenario) -> Bool
    ) -> SocketScenario {
        guard let index = entries.firstIndex(where: { fits($0.scenario) }) else {
            return SocketScenario()
        }
        let found = entries[index].scenario
        entries[index].times -= 1
        if entries[index].times == 0 { entries.remove(at: index) }
        return found
    }

    func nextTextAnswer() -> TextAnswer.Outcome? {
        scenario.withLock { scenario in
            guard let answer = scenario.responses.first else { return nil }
            if answer.times > 1 {
                scenario.responses[0].times -= 1
            } else {
                scenario.responses.removeFirst()
            }
            return answer.outcome
        }
    }
}
