internal import JSON

/// The recognition of one audio item, on its way to the client.
struct Transcription: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        case delta(Int)
        case end
    }

    var text: String
    var deltas: [String]
    var durationMs: Int
    /// Set when the recognition fails on purpose.
    var failure: JSONObject?
    var isDuplicated = false
    /// Whether its end waits for that of a later turn.
    var isHeldBack = false
    /// Counts the turns.
    var number = 0
}

extension RealtimeSession {
    /// Recognition needs about this long; its deltas come in the meantime.
    private static let recognitionMs = 400.0

    /// Gives the answer what a script says was spoken, and the client its transcript.
    mutating func transcribe(
        _ itemID: String,
        _ scripted: SocketScenario.ScriptedTranscription,
        durationMs: Int
    ) {
        if scripted.isFromScript, let index = index(of: itemID) {
            heardTexts[items[index].id] = scripted.text
        }
        guard configuration.transcription != nil else { return }
        // What was told while it was spoken is not told again.
        let deltas = durationMs == 0 || hearsTones ? [] : TextPieces.split(scripted.text)
        transcribedTurns += 1
        transcriptions[itemID] = Transcription(
            text: durationMs == 0 ? "" : scripted.text,
            deltas: scripted.failure == nil ? deltas : [],
            durationMs: durationMs,
            failure: scripted.failure,
            isDuplicated: scripted.isDuplicated,
            isHeldBack: scripted.isHeldBack,
            number: transcribedTurns
        )
        let delay = scripted.delayMs.map { Duration.milliseconds($0) }
        let first = now + (delay ?? pause(Self.recognitionMs / 2))
        let gap = pause(Self.recognitionMs / 2 / Double(max(1, deltas.count)))
        for index in deltas.indices where scripted.failure == nil {
            agenda.add(.transcription(itemID: itemID, .delta(index)), at: first + gap * index)
        }
        let end = first + gap * deltas.count
        agenda.add(.transcription(itemID: itemID, .end), at: end)
    }

    /// Whether it understands tones: in transcription sessions only, and in upstream's own format.
    var hearsTones: Bool {
        environment.hearsTones && configuration.kind == .transcription
            && configuration.inputFormat == .pcm
    }

    /// Tells the words of a turn that goes on, as recognisers that stream do.
    mutating func transcribeLive(_ bytes: [UInt8]) {
        for event in recognizer.feed(AudioFormat.pcm.samples(of: bytes[...])) {
            guard case .word(let word, _) = event, let id = speechItemID,
                configuration.transcription != nil
            else { continue }
            let text = ToneLanguage.text(word, in: spokenLanguage)
            emit(
                "\(Self.transcriptionEvent).delta",
                Self.transcriptMembers(id) + [("delta", .string(text + " "))]
            )
        }
    }

    /// What was said in a turn.
    func sentence(of utterance: InputAudioBuffer.Utterance) -> String {
        let words = ToneRecognizer.words(of: AudioFormat.pcm.samples(of: utterance.bytes[...]))
        return ToneLanguage.sentence(words, in: spokenLanguage)
    }

    private var spokenLanguage: String {
        configuration.transcription?["language"]?.stringValue ?? "en"
    }

    mutating func stepTranscription(_ itemID: String, _ step: Transcription.Step) {
        guard let transcription = transcriptions[itemID] else { return }
        switch step {
        case .delta(let index):
            let delta = transcription.deltas[index]
            let padding = identifiers.obfuscation(for: delta)
            emit(
                "\(Self.transcriptionEvent).delta",
                Self.transcriptMembers(itemID) + [
                    ("delta", .string(delta)), ("obfuscation", .string(padding)),
                ]
            )
        case .end:
            if transcription.isHeldBack, lastToldTurn < transcription.number {
                heldTranscripts.append(itemID)
                return
            }
            tell(transcription, of: itemID)
            let held = heldTranscripts
            heldTranscripts = []
            for itemID in held { stepTranscription(itemID, .end) }
        }
    }

    private mutating func tell(_ transcription: Transcription, of itemID: String) {
        transcriptions[itemID] = nil
        lastToldTurn = max(lastToldTurn, transcription.number)
        for _ in 0..<(transcription.isDuplicated ? 2 : 1) {
            if let failure = transcription.failure {
                emit(
                    "\(Self.transcriptionEvent).failed",
                    Self.transcriptMembers(itemID) + [("error", .object(failure))]
                )
            } else {
                emit(
                    "\(Self.transcriptionEvent).completed",
                    Self.transcriptMembers(itemID) + [
                        ("transcript", .string(transcription.text)),
                        ("usage", usage(transcription)),
                    ]
                )
            }
        }
    }

    private static let transcriptionEvent = "conversation.item.input_audio_transcription"

    private static func transcriptMembers(_ itemID: String) -> [JSONObject.Member] {
        [("item_id", .string(itemID)), ("content_index", 0)]
    }

    /// Older recognisers count tokens, younger ones seconds.
    private func usage(_ transcription: Transcription) -> JSONValue {
        let model = configuration.transcription?["model"]?.stringValue ?? ""
        guard model.hasPrefix("gpt-4o") else {
            let seconds = Int64((Double(transcription.durationMs) / 1_000).rounded())
            return ["type": "duration", "seconds": .integer(seconds)]
        }
        let input = Int64(Usage.userAudioTokens(ms: transcription.durationMs))
        let output = Int64(Usage.tokens(transcription.text))
        return [
            "type": "tokens", "total_tokens": .integer(input + output),
            "input_tokens": .integer(input),
            "input_token_details": ["text_tokens": 0, "audio_tokens": .integer(input)],
            "output_tokens": .integer(output),
        ]
    }
}
