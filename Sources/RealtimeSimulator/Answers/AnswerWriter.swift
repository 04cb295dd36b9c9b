internal import JSON

/// Writes the simulator's answer: honest about what it is, and taken from its instructions.
///
/// Deterministic: the same instructions and items give the same answer.
struct AnswerWriter: Sendable {
    let settings: ResponseSettings
    let items: [ConversationItem]
    /// What audio items are known to say, by item.
    let heardTexts: [String: String]

    func answer() -> Answer {
        if let question,
            let language = Self.targetLanguage(in: settings.instructions)
        {
            return .text(ToneLanguage.translation(of: question, to: language))
        }
        if settings.hasOwnInstructions, let text = Self.textToSay(in: settings.instructions) {
            return .text(text)
        }
        if case .functionCallOutput(let callID, let output)? = items.last?.body {
            return .text(sentence(aboutOutput: output, of: callID))
        }
        if let tool = toolToCall {
            let arguments = ArgumentWriter(question: question ?? "").arguments(for: tool)
            return .functionCall(name: tool.name, arguments: arguments)
        }
        return .text(spokenAnswer)
    }

    /// The language of an instruction like `Translate into the language "es"`.
    static func targetLanguage(in instructions: String) -> String? {
        guard instructions.hasPrefix("Translate ") else { return nil }
        let parts = instructions.split(separator: "\"", maxSplits: 2)
        return parts.count == 3 ? String(parts[1]) : nil
    }

    /// The words of an instruction like `Greet the user with: "…"` or `Say exactly: …`.
    static func textToSay(in instructions: String) -> String? {
        let verbs: Set<String> = ["say", "greet", "speak", "read", "repeat", "begin", "start"]
        let head = instructions.prefix(120)
        guard !verbs.isDisjoint(with: Words.all(in: head)) else { return nil }
        let quotes: Set<Character> = ["\"", "“", "”"]
        if let first = instructions.firstIndex(where: quotes.contains),
            let last = instructions.lastIndex(where: quotes.contains), first < last
        {
            let text = instructions[instructions.index(after: first)..<last]
            return text.isEmpty ? nil : String(text)
        }
        guard let colon = head.firstIndex(of: ":") else { return nil }
        let text = instructions[instructions.index(after: colon)...]
            .drop(while: \.isWhitespace).prefix { !$0.isNewline }
        return text.isEmpty ? nil : String(text)
    }

    // MARK: What was asked

    private var lastUserItem: ConversationItem? {
        items.last { $0.role == .user }
    }

    /// The user's last words; nil when they were spoken and nobody says what they were.
    private var question: String? {
        guard let item = lastUserItem else { return nil }
        let text = heardTexts[item.id] ?? item.text
        return text.isEmpty ? nil : text
    }

    // MARK: Tools

    private var toolToCall: Tool? {
        let functions = settings.tools.filter(\.isFunction)
        if let name = settings.toolChoice["name"]?.stringValue {
            return functions.first { $0.name == name }
        }
        switch settings.toolChoice.stringValue {
        case "none": return nil
        case "required": return bestTool(functions) ?? functions.first
        default: return bestTool(functions)
        }
    }

    /// The tool that the user named, or whose description shares most words with the question.
    private func bestTool(_ tools: [Tool]) -> Tool? {
        guard let question else { return nil }
        let asked = Words.content(of: question)
        let words = Words.all(in: question)
        let scored = tools.compactMap { tool -> (score: Int, tool: Tool)? in
            let name = Words.all(in: tool.name)
            if words.joined(separator: " ").contains(name.joined(separator: " ")) {
                return (100, tool)
            }
            let score =
                2 * Words.content(of: name.joined(separator: " ")).intersection(asked).count
                + Words.content(of: tool.description).intersection(asked).count
            return score >= 2 ? (score, tool) : nil
        }
        // The first of equals, so that order decides and not chance.
        var best: (score: Int, tool: Tool)?
        for candidate in scored where candidate.score > best?.score ?? 0 { best = candidate }
        return best?.tool
    }

    private func sentence(aboutOutput output: String, of callID: String) -> String {
        let name = items.reversed().lazy.compactMap { item -> String? in
            guard case .functionCall(let name, callID, _) = item.body else { return nil }
            return name
        }.first
        let text = output.count <= 400 ? output : output.prefix(400) + "…"
        return "The tool \(name ?? "that was called") answered: \(text)"
    }

    // MARK: Words

    private var spokenAnswer: String {
        let notes = NoteFinder(instructions: settings.instructions)
        guard let question else { return answerToSpeech(notes) }
        let found = notes.lines(about: question)
        if !found.isEmpty { return Self.quoting(found) }
        if Self.isAboutMemory(question) {
            let salient = notes.salientLines()
            return salient.isEmpty
                ? "My instructions say nothing about earlier conversations. \(Self.selfDescription)"
                : Self.quoting(salient)
        }
        let heard = question.count <= 160 ? question : question.prefix(160) + "…"
        return "\(Self.selfDescription) I heard: \"\(heard)\""
    }

    /// Speech is not recognised, and that is said; what is remembered can be told all the same.
    private func answerToSpeech(_ notes: NoteFinder) -> String {
        guard let item = lastUserItem else { return "Hello! \(Self.selfDescription)" }
        let audioMs = item.audioMs
        let heard =
            audioMs == 0
            ? "I heard nothing for a while. Are you still there?"
            : "I heard \(SocketScenario.seconds(audioMs)) seconds of audio, which I cannot "
                + "recognise."
        let salient = notes.salientLines(limit: 1)
        let memory = salient.isEmpty ? "" : " " + Self.quoting(salient)
        return "\(Self.selfDescription) \(heard)\(memory)"
    }

    static let selfDescription = "I am a simulator, not a language model."

    private static func quoting(_ lines: [String]) -> String {
        let quotes = lines.map { "\"\($0)\"" }.joined(separator: " and ")
        return "From my instructions I know: \(quotes)"
    }

    /// Whether somebody asks what is known, without saying about what.
    static func isAboutMemory(_ question: String) -> Bool {
        let words = Set(Words.all(in: question))
        guard words.isDisjoint(with: ["remember", "recall"]) else { return true }
        let verbs: Set<String> = [
            "know", "said", "say", "told", "tell", "talked", "discussed",
            "spoke", "mentioned", "forgot", "who",
        ]
        let subjects: Set<String> = ["i", "me", "my", "we", "us", "last", "earlier", "before"]
        return !words.isDisjoint(with: verbs) && !words.isDisjoint(with: subjects)
    }
}
