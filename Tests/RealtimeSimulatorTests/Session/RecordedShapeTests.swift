import JSON
import Testing

@testable import RealtimeSimulator

/// Compares the simulator's events with recorded ones: every key, at every depth, in order.
@Suite struct RecordedShapeTests {
    private static let opaque: Set<String> = ["metadata", "parameters", "status_details"]

    /// What the simulator sends over one session with all kinds of turns.
    private static func simulated(model: String) throws -> [String: Set<Shape>] {
        let failure: JSONObject = ["type": "server_error", "code": nil, "message": "It failed."]
        var scenario = SocketScenario()
        scenario.answers = [.failure(failure)]
        var driver = try SessionDriver.make(model: model, pace: 1, scenario: scenario)
        driver.perform(driver.session.start())
        driver.send("session.update", ["session": ["type": "realtime"]])
        driver.send("response.create")
        driver.wait(.seconds(1))
        let transcription: JSONValue = ["model": "gpt-realtime-whisper"]
        driver.send(
            "session.update",
            ["session": ["type": "realtime", "audio": ["input": ["transcription": transcription]]]]
        )
        driver.append(.tone, ms: 1_000)
        driver.append(.silence, ms: 600)
        driver.wait(.milliseconds(600))
        driver.append(.tone, ms: 200)
        if let item = driver.last("response.output_item.added")?["item"]?["id"] {
            driver.send(
                "conversation.item.truncate",
                ["item_id": item, "content_index": 0, "audio_end_ms": 0]
            )
        }
        driver.append(.silence, ms: 600)
        driver.wait(.seconds(5))
        driver.send(
            "session.update",
            [
                "session": [
                    "type": "realtime", "output_modalities": ["text"],
                    "tools": [EventOrderTests.weather],
                ]
            ]
        )
        driver.say("What is the weather in London?")
        driver.send("response.create")
        driver.wait(.seconds(5))
        let call = driver.last("response.function_call_arguments.done")?["call_id"] ?? .null
        driver.send(
            "conversation.item.create",
            ["item": ["type": "function_call_output", "call_id": call, "output": "Foggy."]]
        )
        driver.send("response.create")
        driver.wait(.seconds(5))
        try addIdleTimeoutAndImage(&driver)
        return shapes(driver.events)
    }

    private static func addIdleTimeoutAndImage(_ driver: inout SessionDriver) throws {
        driver.send(
            "session.update",
            [
                "session": [
                    "type": "realtime", "tools": [],
                    "audio": [
                        "input": [
                            "turn_detection": ["type": "server_vad", "idle_timeout_ms": 5_000]
                        ]
                    ],
                ]
            ]
        )
        driver.send(
            "conversation.item.create",
            [
                "item": [
                    "type": "message", "role": "user",
                    "content": [
                        ["type": "input_image", "image_url": "data:image/png;base64,AA=="]
                    ],
                ]
            ]
        )
        driver.send(
            "conversation.item.create",
            [
                "item": [
                    "type": "message", "role": "assistant",
                    "content": [["type": "output_text", "text": "Nice to meet you!"]],
                ]
            ]
        )
        driver.send("response.create")
        driver.wait(.seconds(30))
    }

    private static func shapes(_ events: [JSONObject]) -> [String: Set<Shape>] {
        var shapes: [String: Set<Shape>] = [:]
        for event in events {
            guard let type = event["type"]?.stringValue else { continue }
            shapes[type, default: []].insert(Shape(.object(event), opaque: opaque))
        }
        return shapes
    }

    @Test func `every recorded event has a shape that the simulator sends too`() throws {
        var known = try Self.simulated(model: "gpt-realtime")
        known.merge(try Self.simulated(model: "gpt-realtime-2.1-mini")) { $0.union($1) }
        #expect(known.count > 20)
        for recording in Recording.all {
            for (type, shapes) in Self.shapes(recording.events) {
                let missing = shapes.subtracting(known[type] ?? [])
                #expect(
                    missing.isEmpty,
                    "\(recording.name) \(type): \(missing) is not among \(known[type] ?? [])"
                )
            }
        }
    }

    @Test func `delta and padding make sixteen characters, as recorded`() throws {
        let driver = try { () throws -> SessionDriver in
            var driver = try SessionDriver.text()
            driver.say("Olá! Was ist ein Donaudampfschifffahrtsgesellschaftskapitän, bitte?")
            driver.send("response.create")
            return driver
        }()
        let deltas = driver.all("response.output_text.delta")
        #expect(deltas.count > 10)
        for event in deltas + Recording.all.flatMap(\.events) {
            guard let delta = event["delta"]?.stringValue,
                let padding = event["obfuscation"]?.stringValue
            else { continue }
            #expect(delta.unicodeScalars.count + padding.unicodeScalars.count == 16)
        }
        let text = deltas.compactMap { $0["delta"]?.stringValue }.joined()
        #expect(text == driver.last("response.output_text.done")?["text"]?.stringValue)
    }
}
