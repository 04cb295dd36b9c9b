import JSON
import Testing
import WebServer

@testable import RealtimeSimulator

/// Calls over real sockets; the tests carry their media themselves.
@Suite(.timeLimit(.minutes(1)))
struct LiveCallTests {
    private static let bearer = ["Authorization": "Bearer sk-sim"]
    private static let settings =
        #"{"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."}"#

    /// Makes a call with the standard key.
    private static func call(
        _ address: RealtimeSimulator.Address,
        session: String = settings
    ) async throws -> String {
        let answer = try await post(
            address.baseURL + "/realtime/calls",
            type: Offer.formType,
            Offer.form([("sdp", Offer.text), ("session", session)])
        )
        try #require(answer.status == 201)
        let location = try #require(answer.headers["location"])
        return String(location.dropFirst("/v1/realtime/calls/".count))
    }

    private static func sideband(
        _ address: RealtimeSimulator.Address,
        _ call: String
    ) async throws -> LiveClient {
        try await LiveClient(
            port: address.port,
            path: "/v1/realtime?call_id=\(call)",
            headers: bearer
        )
    }

    private static func front(
        _ address: RealtimeSimulator.Address,
        _ call: String,
        headers: [String: String] = bearer
    ) async throws -> LiveClient {
        try await LiveClient(
            port: address.port,
            path: "/v1/realtime/calls/\(call)/media",
            headers: headers
        )
    }

    private static let hello: JSONValue = [
        "type": "conversation.item.create",
        "item": [
            "type": "message", "role": "user",
            "content": [["type": "input_text", "text": "Hello"]],
        ],
    ]

    @Test func `an offer is answered as recorded`() async throws {
        try await withSimulator { address in
            let answer = try await post(
                address.baseURL + "/realtime/calls",
                type: Offer.formType,
                Offer.form([("sdp", Offer.text), ("session", Self.settings)])
            )
            #expect(answer.status == 201)
            #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(answer.headers["access-control-allow-origin"] == "*")
            #expect(answer.headers["access-control-expose-headers"]?.contains("Location") == true)
            let call = try #require(answer.headers["location"]?.split(separator: "/").last)
            #expect(call.hasPrefix("rtc_u0_") && call.count == 28)
            #expect(answer.body.stringValue?.hasPrefix("v=0\r\n") == true)
        }
    }

    @Test func `an ephemeral key takes the offer alone, and brings its session`() async throws {
        try await withSimulator { address in
            let minted = try await post(
                address.baseURL + "/realtime/client_secrets",
                ["session": ["type": "realtime", "instructions": "Bound."]]
            )
            let key = try #require(minted.body["value"]?.stringValue)
            let answer = try await post(
                address.baseURL + "/realtime/calls",
                key: key,
                type: "application/sdp",
                Array(Offer.text.utf8)
            )
            #expect(answer.status == 201)
            let call = try #require(answer.headers["location"]?.split(separator: "/").last)
            let front = try await Self.front(
                address,
                String(call),
                headers: ["Authorization": "Bearer \(key)"]
            )
            let created = await front.next("session.created")
            #expect(created?["session"]?["instructions"] == "Bound.")
            #expect(created?["session"]?["id"] == .string("sess_" + call.dropFirst(4)))
            await front.stop()
        }
    }

    @Test func `bad calls are refused in upstream's form`() async throws {
        try await withSimulator { address in
            let url = address.baseURL + "/realtime/calls"
            let stripped = String(Offer.text.dropLast())
            let cases: [([(String, String)], String)] = [
                ([("sdp", stripped)], "invalid_offer"), ([("sdp", "hello")], "invalid_offer"),
                ([("session", Self.settings)], "missing_required_parameter"),
                ([("sdp", Offer.text), ("sessions", "{}")], "unknown_parameter"),
                (
                    [("sdp", Offer.text), ("session", #"{"type": "realtime", "voice": "ash"}"#)],
                    "unknown_parameter"
                ),
                ([("sdp", Offer.text), ("session", "{")], "invalid_json"),
                ([("sdp", Offer.text), ("session", "[]")], "invalid_type"),
                (
                    [("sdp", Offer.text), ("session", #"{"type": "realtime", "model": "gpt-9"}"#)],
                    "invalid_model"
                ),
            ]
            for (parts, code) in cases {
                let refused = try await post(url, type: Offer.formType, Offer.form(parts))
                #expect(refused.status == 400)
                #expect(refused.body["error"]?["code"] == .string(code))
                let keys = refused.body["error"]?.objectValue?.members.map(\.key)
                #expect(keys == ["message", "type", "param", "code"])
            }
            let offer = Array(Offer.text.utf8)
            let wrong = try await post(url, key: "sk-wrong", type: "application/sdp", offer)
            #expect(wrong.status == 401)
            #expect(try await post(url, type: "text/plain", offer).status == 415)
            let long = [UInt8](repeating: 0x20, count: 4 * 1_024 * 1_024 + 1)
            #expect(try await post(url, type: "application/sdp", long).status == 413)
        }
    }

    @Test func `a sideband is not greeted, and shares the session with the call`() async throws {
        try await withSimulator({
            $0.scenario = try Scenario(["calls": [["answers": ["One two three four."]]]])
        }) { address in
            let call = try await Self.call(address)
            let front = try await Self.front(address, call)
            _ = await front.next("session.created")
            let sidebands = [
                try await Self.sideband(address, call), try await Self.sideband(address, call),
            ]
            for sideband in sidebands {
                // Each by itself: one that was let in a moment ago may not be in the call yet.
                sideband.send(["type": "session.update", "session": ["type": "realtime"]])
                let first = await sideband.all(until: "session.updated")
                #expect(first.count == 1)
                #expect(first[0]["session"]?["id"] == .string("sess_" + call.dropFirst(4)))
            }
            // What the data channel does is seen on the sideband, and its answer on both.
            front.send(Self.hello)
            front.send(["type": "response.create"])
            let events = await sidebands[1].all(until: "output_audio_buffer.stopped")
            let types = Set(events.compactMap { $0["type"]?.stringValue })
            #expect(!types.contains("response.output_audio.delta"))
            #expect(types.contains("response.output_audio_transcript.delta"))
            #expect(types.contains("output_audio_buffer.started"))
            let seen = await front.all(until: "output_audio_buffer.stopped")
            #expect(seen.suffix(events.count) == events[...])
            for client in sidebands + [front] { await client.stop() }
        }
    }

    @Test func `a front hears speech as PCM, and speaks`() async throws {
        try await withSimulator { address in
            let call = try await Self.call(address)
            let front = try await Self.front(address, call)
            front.sendMedia(Sound.tone.bytes(ms: 1_000))
            front.sendMedia(Sound.silence.bytes(ms: 600))
            let committed = await front.next("input_audio_buffer.committed")
            #expect(committed?["item_id"] != nil)
            #expect(await front.nextMedia()?.count == 9_600)
            await front.stop()
        }
    }

    @Test func `a hang-up closes the sideband, and a second one finds no call`() async throws {
        try await withSimulator { address in
            let call = try await Self.call(address)
            let sideband = try await Self.sideband(address, call)
            let url = address.baseURL + "/realtime/calls/\(call)/hangup"
            #expect(try await post(url, key: "ek_none", [:]).status == 401)
            let ended = try await post(url, [:])
            #expect(ended.status == 200)
            #expect(ended.headers["content-length"] == "0")
            #expect(await sideband.closure()?.code == .normal)
            let again = try await post(url, [:])
            #expect(again.status == 404)
            #expect(again.body["error"]?["code"] == "call_id_not_found")
            #expect(again.body["error"]?["param"] == "")
            let late = try await Self.sideband(address, call)
            #expect(await late.next("error")?["error"]?["code"] == "call_id_not_found")
            #expect(await late.closure()?.code == 4_000)
            for client in [sideband, late] { await client.stop() }
        }
    }

    @Test(arguments: ["hangup", "accept", "reject", "refer"])
    func `there are no calls that nobody made`(action: String) async throws {
        try await withSimulator { address in
            let url = address.baseURL + "/realtime/calls/rtc_u0_none/\(action)"
            let answer = try await post(url, [:])
            #expect(answer.status == 404)
            #expect(answer.body["error"]?["code"] == "call_id_not_found")
        }
    }

    @Test func `a call ends with its media, and has one front`() async throws {
        try await withSimulator { address in
            let call = try await Self.call(address)
            let sideband = try await Self.sideband(address, call)
            let front = try await Self.front(address, call)
            _ = await front.next("session.created")
            let second = try await Self.front(address, call)
            #expect(await second.next("error")?["error"]?["code"] == "call_has_media")
            let stranger = try await Self.front(
                address,
                call,
                headers: ["Authorization": "Bearer sk-wrong"]
            )
            #expect(await stranger.closure()?.code == 3_000)
            front.leave()
            #expect(await sideband.closure()?.code == .normal)
            for client in [sideband, front, second, stranger] { await client.stop() }
        }
    }

    @Test func `calls have scripts of their own`() async throws {
        try await withSimulator({
            $0.scenario = try Scenario([
                "calls": [
                    ["drop_after_events": 1], ["hang_up_after_events": 1],
                    ["sidebands": [["drop_after_events": 1, "close": ["code": 1_011]]]],
                    ["expire_after_seconds": 0.01],
                ]
            ])
        }) { address in
            let update: JSONValue = ["type": "session.update", "session": ["type": "realtime"]]
            var clients: [LiveClient] = []
            for code in [WebSocketCloseCode.abnormal, .normal] {
                let call = try await Self.call(address)
                clients.append(try await Self.sideband(address, call))
                clients.last?.send(update)
                #expect(await clients.last?.closure()?.code == code)
                let url = address.baseURL + "/realtime/calls/\(call)/hangup"
                #expect(try await post(url, [:]).status == 404)
            }
            let call = try await Self.call(address)
            clients.append(try await Self.sideband(address, call))
            clients.last?.send(update)
            #expect(await clients.last?.closure()?.code == .internalError)
            // The call goes on without that sideband.
            clients.append(try await Self.sideband(address, call))
            clients.last?.send(update)
            #expect(await clients.last?.next("session.updated") != nil)
            let expiring = try await Self.call(address)
            clients.append(try await Self.sideband(address, expiring))
            // It may be over before anybody attaches.
            #expect(await clients.last?.closure() != nil)
            let url = address.baseURL + "/realtime/calls/\(expiring)/hangup"
            #expect(try await post(url, [:]).status == 404)
            for client in clients { await client.stop() }
        }
    }
}
