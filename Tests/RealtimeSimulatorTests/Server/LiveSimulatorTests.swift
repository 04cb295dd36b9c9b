import JSON
import Testing
import WebServer

@testable import RealtimeSimulator

/// The whole simulator over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct LiveSimulatorTests {
    private static let bearer = ["Authorization": "Bearer sk-sim"]

    @Test func `a minted key opens the session that it is bound to, and speaks`() async throws {
        try await withSimulator { address in
            let minted = try await post(
                address.baseURL + "/realtime/client_secrets",
                [
                    "expires_after": ["anchor": "created_at", "seconds": 60],
                    "session": [
                        "type": "realtime", "model": "gpt-realtime",
                        "instructions": "Notes from earlier conversations:\nU: My dog likes snow.",
                    ],
                ]
            )
            #expect(minted.status == 200)
            let key = try #require(minted.body["value"]?.stringValue)
            let client = try await LiveClient(
                port: address.port,
                path: "/v1/realtime?model=gpt-realtime",
                headers: ["Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.\(key)"]
            )
            #expect(client.head.hasPrefix("HTTP/1.1 101"))
            #expect(client.head.contains("Sec-WebSocket-Protocol: realtime\r\n"))
            let created = await client.next("session.created")
            #expect(
                created?["session"]?["instructions"]?.stringValue?.contains("snow") == true
            )
            client.send([
                "type": "conversation.item.create",
                "item": [
                    "type": "message", "role": "user",
                    "content": [["type": "input_text", "text": "What does my dog like?"]],
                ],
            ])
            client.send(["type": "response.create"])
            let audio = await client.next("response.output_audio.delta")
            #expect(Base64.decode(audio?["delta"]?.stringValue ?? "")?.count == 9_600)
            let done = await client.next("response.output_audio_transcript.done")
            #expect(
                done?["transcript"] == #"From my instructions I know: "My dog likes snow.""#
            )
            await client.stop()
        }
    }

    @Test func `a mint has upstream's shape, with defaults filled in`() async throws {
        try await withSimulator { address in
            let minted = try await post(
                address.baseURL + "/realtime/client_secrets",
                ["session": ["type": "realtime", "model": "gpt-realtime"]]
            )
            let keys = minted.body.objectValue?.members.map(\.key)
            #expect(keys == ["value", "expires_at", "session"])
            let session = minted.body["session"]
            #expect(session?["expires_at"] == 0)
            #expect(session?["audio"]?["output"]?["voice"] == "alloy")
            #expect(
                session?.objectValue?.members.map(\.key) == [
                    "type", "object", "id", "model", "output_modalities", "instructions", "tools",
                    "tool_choice", "max_output_tokens", "tracing", "truncation", "prompt",
                    "expires_at", "audio", "include",
                ]
            )
            #expect(minted.headers["openai-version"] == "2020-10-01")
            #expect(minted.headers["openai-processing-ms"] != nil)
            #expect(minted.headers["x-request-id"] != nil)
        }
    }

    @Test func `bad mints are refused in upstream's form`() async throws {
        try await withSimulator { address in
            let url = address.baseURL + "/realtime/client_secrets"
            let cases: [(JSONValue, String, String)] = [
                (
                    ["session": ["type": "realtime", "voice": "ash"]], "unknown_parameter",
                    "session.voice"
                ),
                (["session": [:]], "missing_required_parameter", "session.type"),
                (["ttl": 1], "unknown_parameter", "ttl"),
                (
                    ["expires_after": ["seconds": 9]], "integer_below_min_value",
                    "expires_after.seconds"
                ),
                (
                    ["expires_after": ["seconds": 7_201]], "integer_above_max_value",
                    "expires_after.seconds"
                ),
                (["expires_after": ["anchor": "now"]], "invalid_value", "expires_after.anchor"),
            ]
            for (body, code, param) in cases {
                let refused = try await post(url, body)
                #expect(refused.status == 400)
                let error = refused.body["error"]?.objectValue
                #expect(error?.members.map(\.key) == ["message", "type", "param", "code"])
                #expect(error?["code"] == .string(code))
                #expect(error?["param"] == .string(param))
                #expect(refused.body["request_id"] == nil)
            }
            let wrong = try await post(url, key: "sk-proj-wrong-key-1234", [:])
            #expect(wrong.status == 401)
            #expect(wrong.body["error"]?["code"] == "invalid_api_key")
            let message = wrong.body["error"]?["message"]?.stringValue ?? ""
            #expect(message.contains("sk-proj-****1234") && !message.contains("wrong"))
            #expect(try await post(url, key: nil, [:]).body["error"]?["code"] == .null)
        }
    }

    @Test func `a bad key gets 101, an error and the close code`() async throws {
        try await withSimulator { address in
            let client = try await LiveClient(
                port: address.port,
                path: "/v1/realtime?model=gpt-realtime",
                headers: ["Authorization": "Bearer sk-wrong"]
            )
            let event = await client.next("error")
            #expect(event?["error"]?["code"] == "invalid_api_key")
            let closure = await client.closure()
            #expect(closure?.code == 3_000)
            #expect(closure?.reason == "invalid_request_error.invalid_api_key")
            await client.stop()
        }
    }

    @Test func `sessions end by their limit, by a script and by the end of the simulator`()
        async throws
    {
        try await withSimulator({
            $0.scenario = try Scenario([
                "sockets": [["expire_after_seconds": 0.01], ["drop_after_events": 1]]
            ])
        }) { address in
            let path = "/v1/realtime?model=gpt-realtime"
            let expiring = try await LiveClient(
                port: address.port,
                path: path,
                headers: Self.bearer
            )
            #expect(await expiring.next("error")?["error"]?["code"] == "session_expired")
            #expect(await expiring.closure()?.code == .goingAway)
            let dropped = try await LiveClient(
                port: address.port,
                path: path,
                headers: Self.bearer
            )
            #expect(await dropped.closure()?.code == .abnormal)
            await expiring.stop()
            await dropped.stop()
        }
    }

    @Test func `HTTP faults come as scripted, once each`() async throws {
        let body: JSONValue = ["error": ["code": "slow_down"]]
        try await withSimulator({
            $0.scenario = try Scenario([
                "http": [
                    ["status": 429, "headers": ["Retry-After": "1"], "body": body],
                    ["status": 502, "text": "<html>bad gateway</html>"], ["drop": true],
                    ["delay_ms": 20],
                ]
            ])
        }) { address in
            let url = address.baseURL + "/realtime/client_secrets"
            let limited = try await post(url, [:])
            #expect(limited.status == 429)
            #expect(limited.headers["retry-after"] == "1")
            #expect(limited.body == body)
            #expect(try await post(url, [:]).body == "<html>bad gateway</html>")
            await #expect(throws: (any Error).self) { try await post(url, [:]) }
            let clock = ContinuousClock.now
            #expect(try await post(url, [:]).status == 200)
            #expect(ContinuousClock.now - clock >= .milliseconds(20))
            #expect(try await post(url, [:]).status == 200)
        }
    }

    @Test func `espeak speaks where it is installed, and tones where it is not`() async {
        for usesEspeak in [true, false] {
            let request = SpeechRequest(
                text: "-v is no option here",
                voice: "marin",
                speed: 1,
                format: .pcm,
                responseID: "resp",
                outputIndex: 0
            )
            let maker = SpeechMaker(usesEspeak: usesEspeak)
            let first = await withCheckedContinuation { continuation in
                maker.make(request) { continuation.resume(returning: $0) }
            }
            // About a second of sound, which is loud enough to be heard.
            #expect((20_000...200_000).contains(first.count))
            #expect(AudioFormat.pcm.samples(of: first[...]).contains { $0 > 1_000 })
            let again = await withCheckedContinuation { continuation in
                maker.make(request) { continuation.resume(returning: $0) }
            }
            #expect(again == first)
        }
    }
}
