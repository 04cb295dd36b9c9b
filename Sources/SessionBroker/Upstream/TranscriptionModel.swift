/// What is known of models that transcribe.
enum TranscriptionModel {
    /// Whether upstream finds the turns in a session that only transcribes with a model; otherwise each
    /// is committed (reference, 4.2).
    static func findsTurns(_ model: String) -> Bool { model != "gpt-realtime-whisper" }
}
