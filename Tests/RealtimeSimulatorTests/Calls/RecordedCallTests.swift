import JSON
import Testing

@testable import RealtimeSimulator

/// Replays what clients did in recorded calls, and compares what comes back.
@Suite(.timeLimit(.minutes(1)))
struct RecordedCallTests {
    private static func types(_ events: [JSONObject]) -> [String] {
        events.compactMap { $0["type"]?.stringValue }.reduce(into: []) { types, type in
            if types.last != type || !type.hasSuffix("delta") { types.append(type) }
        }
    }

    @Test func `a sideband sees the recorded order of events`() throws {
        for recording in Recording.all(of: "sideband") {
            var driver = try SessionDriver.make(callID: "rtc_u0_1")
            for frame in recording.frames where frame["dir"] == "client" {
                driver.send(frame["event"] ?? .null)
            }
            let recorded = Self.types(recording.events)
            // Recordings end with the answer, and so do not show the rate limits behind it.
            let simulated = Self.types(driver.events).filter { $0 != "rate_limits.updated" }
            #expect(simulated == recorded, "\(recording.name)")
            let id = driver.last("session.updated")?["session"]?["id"]
            #expect(id == "sess_u0_1")
        }
    }

    @Test func `recorded offers, hang-ups and refusals are answered as they were`() async throws {
        try await withSimulator({ $0.apiKey = nil }) { address in
            let root = address.baseURL.dropLast("/v1".count)
            for recording in Recording.all(of: "http") {
                // Ids differ from the recorded ones, and are used in later paths.
                var ids: [(recorded: String, ours: String)] = []
                for exchange in recording.frames {
                    let request = exchange["request"]
                    var path = try #require(request?["path"]?.stringValue)
                    for id in ids { path = path.replacing(id.recorded, with: id.ours) }
                    let body = request?["body"]
                    let answer = try await post(
                        root + path,
                        type: request?["headers"]?["content-type"]?.stringValue
                            ?? "application/json",
                        body?.stringValue.map { Array($0.utf8) } ?? body?.bytes ?? []
                    )
                    let expected = exchange["response"]
                    #expect(answer.status == Int(expected?["status"]?.integerValue ?? 0))
                    for name in ["content-type", "access-control-allow-origin"] {
                        guard let field = expected?["headers"]?[name] else { continue }
                        #expect(answer.headers[name] == field.stringValue, "\(path) \(name)")
                    }
                    if let error = expected?["body"]?["error"] {
                        #expect(answer.body["error"]?["code"] == error["code"])
                        #expect(answer.body["error"]?["message"] == error["message"])
                        #expect(answer.body["error"]?["param"] == error["param"])
                    }
                    guard let recorded = expected?["headers"]?["location"]?.stringValue else {
                        continue
                    }
                    let ours = try #require(answer.headers["location"])
                    ids.append((recorded, ours))
                    Self.compare(answer.body, expected?["body"])
                }
            }
        }
    }

    /// The lines of an SDP answer, with what is random or the network's left out.
    private static func compare(_ simulated: JSONValue, _ recorded: JSONValue?) {
        let random: [String] = ["o=", "a=candidate", "a=ice", "a=fingerprint", "a=ssrc", "a=setup"]
        let lines = [simulated, recorded ?? .null].map { sdp in
            (sdp.stringValue ?? "").split(whereSeparator: \.isNewline).map(String.init)
                .filter { line in !random.contains { line.hasPrefix($0) } }
        }
        #expect(Set(lines[0]) == Set(lines[1]))
    }
}
