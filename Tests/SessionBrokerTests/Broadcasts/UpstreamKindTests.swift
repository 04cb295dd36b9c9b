import JSON
import Testing

@testable import SessionBroker

struct UpstreamKindTests {
    private func input(_ kind: UpstreamKind) -> JSONValue? {
        JSONValue.object(kind.settings)["audio"]?["input"]
    }

    @Test(arguments: [("pt-BR", "pt"), ("zh-Hant", "zh"), ("en", "en")])
    func `upstream knows languages without their regions`(_ language: String, _ base: String) {
        let spoken = UpstreamKind.transcription(model: "gpt-live-transcribe", language: language)
        #expect(input(spoken)?["transcription"]?["language"]?.stringValue == base)
        let translated = UpstreamKind.translation(model: "t", language: language)
        let output = JSONValue.object(translated.settings)["audio"]?["output"]
        #expect(output?["language"]?.stringValue == base)
    }

    @Test func `a model that takes no voice detection gets none`() {
        let spoken = UpstreamKind.transcription(model: "gpt-live-transcribe", language: "en")
        #expect(input(spoken)?["turn_detection"]?["type"]?.stringValue == "server_vad")
        let committed = UpstreamKind.transcription(model: "gpt-realtime-whisper", language: "en")
        #expect(input(committed)?["turn_detection"] == .null)
        #expect(spoken.hasVoiceDetection && !committed.hasVoiceDetection)
    }
}
