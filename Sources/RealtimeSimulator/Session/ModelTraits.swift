/// What upstream does differently for different models.
struct ModelTraits: Sendable, Equatable {
    let name: String

    static let standard = "gpt-realtime-2.1"

    /// Models that reason, mark their items with a phase and have a younger set of defaults.
    var reasons: Bool { name.hasPrefix("gpt-realtime-2") && !name.hasPrefix("gpt-realtime-20") }

    var defaultVoice: String { reasons ? "marin" : "alloy" }
    var defaultSilenceMs: Int { reasons ? 500 : 200 }

    /// Whether a session with this model can be opened; retired models cannot.
    var isKnown: Bool {
        if name.contains("mini-2025-10-06") || name == "gpt-realtime-translate" { return false }
        return name.hasPrefix("gpt-realtime") || name.hasPrefix("gpt-audio")
    }
}
