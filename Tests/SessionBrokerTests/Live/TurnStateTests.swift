import JSON
import Testing

@testable import SessionBroker

@Suite struct TurnStateTests {
    private static func state(
        _ types: [String],
        answersTurns: Bool = true
    ) -> TurnState {
        var state = TurnState()
        for type in types {
            state.note(type, ["response": ["id": "r"]], answersTurns: answersTurns)
        }
        return state
    }

    private static let speech = ["input_audio_buffer.speech_started"]
    private static let committed =
        speech + ["input_audio_buffer.speech_stopped", "input_audio_buffer.committed"]

    @Test func `in the beginning it is nobody's turn`() {
        #expect(Self.state([]).isBoundary)
    }

    @Test func `while the user speaks, no session may change`() {
        #expect(!Self.state(Self.speech).isBoundary)
        #expect(!Self.state(Self.speech).isModelsTurn)
    }

    @Test func `behind the user's turn a response is awaited`() {
        #expect(!Self.state(Self.committed).isBoundary)
        #expect(Self.state(Self.committed).isModelsTurn)
        #expect(Self.state(Self.committed, answersTurns: false).isBoundary)
    }

    @Test func `a response in progress is the model's turn until it is done`() {
        let begun = Self.committed + ["response.created"]
        #expect(Self.state(begun).isModelsTurn)
        #expect(Self.state(begun).activeResponses == ["r"])
        #expect(Self.state(begun + ["response.done"]).isBoundary)
    }

    @Test func `speech that was thrown away is over`() {
        #expect(Self.state(Self.speech + ["input_audio_buffer.cleared"]).isBoundary)
    }

    @Test func `audio is unheard until it is part of a turn, or thrown away`() {
        var state = TurnState()
        #expect(state.lost.isEmpty)
        state.noteAudio(detectsTurns: true)
        #expect(state.lost == ["input_audio"])
        #expect(state.isBoundary)
        for type in ["input_audio_buffer.committed", "input_audio_buffer.cleared"] {
            var heard = state
            heard.note(type, [:], answersTurns: false)
            #expect(heard.lost.isEmpty)
        }
    }

    @Test func `what was said is a turn once it is in the conversation`() {
        let stopped = Self.speech + ["input_audio_buffer.speech_stopped"]
        #expect(!Self.state(stopped).isBoundary)
        #expect(Self.state(stopped).lost == ["input_audio"])
    }

    @Test func `who says where a turn ends is in one until then`() {
        var state = TurnState()
        state.noteAudio(detectsTurns: false)
        #expect(!state.isBoundary)
        state.note("input_audio_buffer.committed", [:], answersTurns: false)
        #expect(state.isBoundary)
    }

    @Test func `a turn during an answer that goes on gets no response of its own`() {
        let during = Self.committed + ["response.created"] + Self.committed
        #expect(Self.state(during + ["response.done"]).isBoundary)
    }

    @Test func `a model that speaks because nobody does nudges until somebody says something`() {
        let nudge = ["input_audio_buffer.timeout_triggered", "response.created", "response.done"]
        #expect(Self.state(nudge).isNudging)
        #expect(!Self.state(nudge + Self.speech).isNudging)
        var written = Self.state(nudge)
        written.noteClient()
        #expect(!written.isNudging)
        for (text, isNudging) in [("", true), ("Hello.", false)] {
            var state = Self.state(nudge)
            let content: JSONValue = [["type": "input_text", "text": .string(text)]]
            state.note(
                "conversation.item.added",
                ["item": ["role": "user", "content": content]],
                answersTurns: true
            )
            #expect(state.isNudging == isNudging)
        }
    }

    @Test func `speech and responses in progress are lost`() {
        #expect(Self.state(Self.speech).lost == ["input_audio"])
        #expect(Self.state(Self.committed).lost.isEmpty)
        #expect(Self.state(Self.committed + ["response.created"]).lost == ["response"])
    }

    @Test func `an out-of-band response is nobody's turn`() {
        var state = TurnState()
        let response: JSONValue = ["response": ["id": "r", "conversation_id": .null]]
        state.note("response.created", response, answersTurns: true)
        #expect(state.isBoundary)
        state.noteRequest(nil)
        state.note("response.done", response, answersTurns: true)
        #expect(state.isModelsTurn)
    }

    @Test func `an out-of-band response in progress is lost with its session`() {
        var state = TurnState()
        let response: JSONValue = ["response": ["id": "r", "conversation_id": .null]]
        state.note("response.created", response, answersTurns: true)
        #expect(state.lost == ["response"] && state.responsesApart == ["r"])
        state.note("response.done", response, answersTurns: true)
        #expect(state.lost.isEmpty && state.responsesApart.isEmpty)
    }

    @Test(arguments: [("other", true), ("mine", false), (nil, false)] as [(String?, Bool)])
    func `a request is refused by an error that may be about it`(cause: String?, isAwaited: Bool) {
        var state = TurnState()
        state.noteRequest("mine")
        state.note("error", ["error": ["event_id": .optional(cause)]], answersTurns: true)
        #expect(state.isModelsTurn == isAwaited)
    }

    @Test func `what the client asks for is awaited`() {
        var state = TurnState()
        state.noteRequest(nil)
        #expect(state.isModelsTurn)
    }
}
