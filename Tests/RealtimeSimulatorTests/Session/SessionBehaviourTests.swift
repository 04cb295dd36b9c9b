import JSON
import Testing

@testable import RealtimeSimulator

@Suite struct SessionBehaviourTests {
    @Test(arguments: [
        ("gpt-realtime", "alloy", 200), ("gpt-realtime-mini", "alloy", 200),
        ("gpt-realtime-2.1", "marin", 500), ("gpt-realtime-2.1-mini", "marin", 500),
        ("gpt-realtime-2025-08-28", "alloy", 200),
    ])
    func `defaults depend on the model`(model: String, voice: String, silenceMs: Int) throws {
        let driver = try SessionDriver.make(model: model)
        let audio = driver.session.sessionJSON["audio"]
        #expect(audio?["output"]?["voice"] == .string(voice))
        #expect(
            audio?["input"]?["turn_detection"]?["silence_duration_ms"]
                == .integer(Int64(silenceMs))
        )
        #expect(driver.session.sessionJSON["expires_at"] == 4_600)
    }

    @Test func `nothing clears, an empty text brings the default back`() throws {
        var driver = try SessionDriver.make([
            "instructions": "Mine.", "tools": [EventOrderTests.weather],
            "audio": ["input": ["transcription": ["model": "whisper-1"]]],
        ])
        driver.send(
            "session.update",
            [
                "session": [
                    "type": "realtime", "instructions": "", "tools": [],
                    "audio": ["input": ["transcription": nil, "turn_detection": nil]],
                ]
            ]
        )
        let session = driver.last("session.updated")?["session"]
        #expect(session?["instructions"] == .string(SessionConfiguration.defaultInstructions))
        #expect(session?["tools"] == [])
        #expect(session?["audio"]?["input"]?["transcription"] == .null)
        #expect(session?["audio"]?["input"]?["turn_detection"] == .null)
    }

    @Test func `speech times count on the audio clock`() throws {
        var driver = try SessionDriver.make()
        driver.append(.silence, ms: 1_000)
        driver.append(.tone, ms: 1_000)
        driver.append(.silence, ms: 1_000)
        #expect(driver.last("input_audio_buffer.speech_started")?["audio_start_ms"] == 700)
        #expect(driver.last("input_audio_buffer.speech_stopped")?["audio_end_ms"] == 2_200)
        #expect(driver.now == .zero)
    }

    @Test(arguments: ["audio/pcmu", "audio/pcma"])
    func `telephone audio is heard and spoken`(format: String) throws {
        let audioFormat = try #require(AudioFormat(rawValue: format))
        var driver = try SessionDriver.make([
            "audio": [
                "input": ["format": ["type": .string(format)]],
                "output": ["format": ["type": .string(format)]],
            ]
        ])
        for (sound, ms) in [(Sound.tone, 1_000), (.silence, 400)] {
            let audio = sound.base64(ms: ms, format: audioFormat)
            driver.send("input_audio_buffer.append", ["audio": .string(audio)])
        }
        #expect(driver.all("input_audio_buffer.speech_stopped").count == 1)
        #expect(driver.session.items.last?.audioMs ?? 0 > 60)
        let samples: [Int16] = [0, 100, -100, 5_000, -5_000, 32_000, -32_768]
        for sample in samples {
            let back = G711.decode(G711.encode(sample, audioFormat), audioFormat)
            #expect(abs(Int(back) - Int(sample)) <= max(32, abs(Int(sample)) / 16))
        }
    }

    @Test func `without automatic responses a turn is only committed`() throws {
        var driver = try SessionDriver.make([
            "audio": [
                "input": [
                    "turn_detection": [
                        "type": "semantic_vad", "eagerness": "high", "create_response": false,
                        "interrupt_response": false,
                    ]
                ]
            ]
        ])
        driver.append(.tone, ms: 500)
        driver.append(.silence, ms: 480)
        #expect(driver.all("input_audio_buffer.speech_stopped").isEmpty)
        driver.append(.silence, ms: 40)
        #expect(driver.takeTypes().last == "conversation.item.done")
    }

    @Test func `usage counts, caches from the second response on, and adds up`() throws {
        var driver = try SessionDriver.text(
            ["instructions": .string(String(repeating: "Remember this. ", count: 40))],
            model: "gpt-realtime-2.1"
        )
        driver.say("Hello there")
        driver.send("response.create")
        let first = driver.last("response.done")?["response"]?["usage"]
        #expect(first?["input_token_details"]?["cached_tokens"] == 0)
        #expect(first?["output_token_details"]?["reasoning_tokens"]?.integerValue ?? 0 > 0)
        driver.send("response.create")
        let usage = driver.last("response.done")?["response"]?["usage"]
        #expect(usage?["input_token_details"]?["cached_tokens"]?.integerValue ?? 0 >= 64)
        let input = usage?["input_tokens"]?.integerValue ?? 0
        let output = usage?["output_tokens"]?.integerValue ?? 0
        #expect(usage?["total_tokens"]?.integerValue == input + output)
    }

    @Test func `a response's item names a first predecessor only when it is added`() throws {
        var driver = try SessionDriver.text()
        driver.say("Hello there")
        let first = driver.session.items[0].id
        driver.events = []
        driver.send("response.create")
        #expect(driver.last("conversation.item.added")?["previous_item_id"] == .string(first))
        #expect(driver.last("conversation.item.done")?["previous_item_id"] == .null)
    }

    @Test func `items go where they are put, and can be taken out`() throws {
        var driver = try SessionDriver.text()
        for (id, previous) in [("b", nil), ("a", "root"), ("c", "b")] as [(String, String?)] {
            driver.send(
                "conversation.item.create",
                [
                    "previous_item_id": .optional(previous),
                    "item": [
                        "id": .string(id), "type": "message", "role": "system",
                        "content": [["type": "input_text", "text": "x"]],
                    ],
                ]
            )
        }
        #expect(driver.session.items.map(\.id) == ["a", "b", "c"])
        driver.send("conversation.item.delete", ["item_id": "b"])
        #expect(driver.last("conversation.item.deleted")?["item_id"] == "b")
        #expect(driver.session.items.map(\.id) == ["a", "c"])
    }

    @Test func `a limit of tokens cuts the answer`() throws {
        var driver = try SessionDriver.text()
        driver.say("Hello there")
        driver.send("response.create", ["response": ["max_output_tokens": 3]])
        let response = driver.last("response.done")?["response"]
        #expect(response?["status"] == "incomplete")
        #expect(response?["status_details"]?["reason"] == "max_output_tokens")
        #expect(driver.answer == "I am a")
    }

    @Test func `speech that comes late is waited for, and for a cancelled answer ignored`() throws {
        var driver = try SessionDriver.make()
        driver.speaksAtOnce = false
        driver.say("Hello there")
        driver.send("response.create")
        #expect(driver.all("response.output_audio_transcript.delta").count == 3)
        #expect(driver.all("response.done").isEmpty)
        driver.send("response.cancel")
        driver.events = []
        driver.deliverSpeech()
        #expect(driver.events.isEmpty)
        driver.send("response.create")
        driver.deliverSpeech()
        #expect(driver.last("response.done")?["response"]?["status"] == "completed")
    }

    @Test func `pauses are those of the real service, scaled by the pace`() throws {
        var driver = try SessionDriver.make(["output_modalities": ["text"]], pace: 0.5)
        driver.say("Hello there")
        driver.send("response.create")
        driver.wait(.milliseconds(14))
        #expect(driver.all("response.created").isEmpty)
        driver.wait(.milliseconds(1))
        #expect(driver.all("response.created").count == 1)
        #expect(driver.all("response.output_item.added").isEmpty)
        driver.wait(.milliseconds(150))
        #expect(driver.all("response.output_item.added").count == 1)
    }
}
