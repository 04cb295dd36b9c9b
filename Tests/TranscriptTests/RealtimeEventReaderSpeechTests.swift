import JSON
import Testing
import Transcript

/// What a reader makes of audio, transcripts and usage, and of what xAI does in its own way.
@Suite struct RealtimeEventReaderSpeechTests {
    @Test(arguments: ["response.output_audio.delta", "response.audio.delta"])
    func `audio is noticed, never needed`(type: String) throws {
        #expect(RealtimeEventReader.isOutputAudio(type: type))
        #expect(!RealtimeEventReader.isNeeded(type: type))
        #expect(
            try read(#"{"type":"\#(type)","item_id":"a","delta":"AAAA"}"#)
                == [.outputAudio(itemID: "a", milliseconds: 0)]
        )
    }

    @Test(arguments: [
        (#"{"audio":{"output":{"format":{"type":"audio/pcm","rate":24000}}}}"#, 1_000),
        (#"{"audio":{"output":{"format":{"type":"audio/pcm","rate":48000}}}}"#, 500),
        (#"{"audio":{"output":{"format":{"type":"audio/pcm"}}}}"#, 1_000),
        (#"{"audio":{"output":{"format":{"type":"audio/pcm","rate":0}}}}"#, 0),
        (#"{"audio":{"output":{"format":{"type":"audio/pcmu"}}}}"#, 6_000),
        (#"{"output_audio_format":"pcm16"}"#, 1_000),
        (#"{"output_audio_format":"g711_alaw"}"#, 6_000), ("{}", 0),
    ])
    func `audio lasts as long as the session's format makes it`(session: String, ms: Int) throws {
        var reader = RealtimeEventReader()
        for text in [#"{"type":"session.updated","session":\#(session)}"#, Self.bareUpdate] {
            _ = reader.read(try JSONValue(parsing: text.utf8), from: .server)
        }
        let delta = String(repeating: "A", count: 64_000)
        let text = #"{"type":"response.output_audio.delta","item_id":"a","delta":"\#(delta)"}"#
        #expect(
            reader.read(try JSONValue(parsing: text.utf8), from: .server)
                == [.outputAudio(itemID: "a", milliseconds: ms)]
        )
    }

    private static let bareUpdate = #"{"type":"session.updated","session":{}}"#

    @Test func `a transcript tells how sure it is, and what it cost`() throws {
        let events = try read(
            #"""
            {"type":"conversation.item.input_audio_transcription.completed","item_id":"u",
             "content_index":0,"transcript":"Hello","logprobs":[{"token":"Hel","logprob":0},
             {"token":"lo","logprob":-0.6931471805599453},{"token":"x"}],
             "usage":{"type":"duration","seconds":3}}
            """#
        )
        guard case .transcriptionCompleted(let transcription)? = events.first else {
            Issue.record("no transcript in \(events)")
            return
        }
        #expect(transcription.text == "Hello")
        #expect(transcription.isFinal)
        #expect(abs((transcription.confidence ?? 0) - 0.75) < 1e-9)
        #expect(transcription.usage?.seconds == 3)
    }

    @Test func `a transcription fails with a code, or at least with a type`() throws {
        let type = "conversation.item.input_audio_transcription.failed"
        for (error, code) in [
            (#"{"code":"c","type":"t"}"#, "c"), (#"{"code":null,"type":"t"}"#, "t"),
            ("null", "failed"),
        ] {
            #expect(
                try read(#"{"type":"\#(type)","item_id":"u","error":\#(error)}"#)
                    == [.transcriptionFailed(TextSpan(itemID: "u"), code: code)]
            )
        }
    }

    @Test func `usage is read whole`() throws {
        let events = try read(
            #"""
            {"type":"response.done","response":{"id":"r","status":"cancelled",
             "status_details":{"type":"cancelled","reason":"turn_detected"},"conversation_id":"c",
             "usage":{"total_tokens":254,"input_tokens":140,"output_tokens":114,
             "input_token_details":{"text_tokens":89,"audio_tokens":51,"image_tokens":1,
             "cached_tokens":64,"cached_tokens_details":{"text_tokens":60,"audio_tokens":4}},
             "output_token_details":{"text_tokens":54,"audio_tokens":60,"reasoning_tokens":27}}}}
            """#
        )
        guard case .responseDone(let response)? = events.first, let usage = response.usage else {
            Issue.record("no usage in \(events)")
            return
        }
        #expect(response.status == .cancelled)
        #expect(response.conversation == .joined)
        #expect([usage.total, usage.input.total, usage.output.total] == [254, 140, 114])
        #expect([usage.input.text, usage.input.audio, usage.input.image] == [89, 51, 1])
        #expect([usage.cached.total, usage.cached.text, usage.cached.audio] == [64, 60, 4])
        #expect([usage.output.text, usage.output.audio, usage.output.reasoning] == [54, 60, 27])
        #expect(usage.raw["total_tokens"] == 254)
    }

    @Test func `a session tells whether it transcribes`() throws {
        for (session, expected) in [
            (#"{"audio":{"input":{"transcription":null}}}"#, [false]),
            (#"{"audio":{"input":{"transcription":{"model":"m"}}}}"#, [true]),
            (#"{"input_audio_transcription":null}"#, [false]),
            (#"{"input_audio_transcription":{"model":"m"}}"#, [true]), ("{}", []),
        ] {
            for type in ["session.created", "session.updated"] {
                #expect(
                    try read(#"{"type":"\#(type)","session":\#(session)}"#)
                        == expected.map(TranscriptEvent.transcriptionConfigured)
                )
            }
        }
    }

    @Test func `a provider that names predecessors everywhere is not believed`() throws {
        var reader = RealtimeEventReader()
        let hello = #"{"type":"conversation.created","previous_item_id":null}"#
        #expect(reader.read(try JSONValue(parsing: hello.utf8), from: .server) == [])
        #expect(reader.dialect == .xAI)
        let added =
            #"{"type":"conversation.item.added","previous_item_id":"x","item":{"id":"u"}}"#
        #expect(
            reader.read(try JSONValue(parsing: added.utf8), from: .server)
                == [.itemAdded(ItemSnapshot(id: "u"), after: .unknown)]
        )
    }

    @Test func `xAI tells growing transcripts, times, and usage beside the response`() throws {
        let part = #""item_id":"u","content_index":0,"transcript":"Hel""#
        let name = "conversation.item.input_audio_transcription"
        #expect(
            try read(#"{"type":"\#(name).updated",\#(part)}"#)
                == [.transcriptionUpdated(TextSpan(itemID: "u"), "Hel")]
        )
        #expect(
            try read(#"{"type":"\#(name).completed",\#(part),"status":"in_progress"}"#)
                == [
                    .transcriptionCompleted(
                        Transcription(TextSpan(itemID: "u"), "Hel", isFinal: false)
                    )
                ]
        )
        let delta = #"{"type":"response.output_audio_transcript.delta","item_id":"a","#
        #expect(
            try read(delta + #""delta":"Hi","start_time":0.68}"#)
                == [.textDelta(TextSpan(itemID: "a", kind: .audio), "Hi", startMs: 680)]
        )
        let done = try read(
            #"""
            {"type":"response.done","response":{"id":"r","usage":{}},"usage":{"total_tokens":9}}
            """#
        )
        guard case .responseDone(let response)? = done.first else { return }
        #expect(response.usage?.total == 9)
    }

    @Test func `a piece that is delivered twice is read once`() throws {
        var reader = RealtimeEventReader()
        func delta(_ id: String, _ text: String) throws -> JSONValue {
            try JSONValue(
                parsing: #"""
                    {"type":"response.output_text.delta","event_id":"\#(id)","item_id":"a",
                     "delta":"\#(text)"}
                    """#.utf8
            )
        }
        let counts = try [("1", "a"), ("1", "a"), ("2", "a"), ("2", "b"), ("", "a"), ("", "a")]
            .map { reader.read(try delta($0.0, $0.1), from: .server).count }
        #expect(counts == [1, 0, 1, 1, 1, 1])
    }
}
