internal import JSON

// What a response will do in which order, with pauses as measured near the real service.

extension ActiveResponse {
    /// Lays out all steps but those for audio, whose length is not known yet.
    mutating func plan() {
        guard failure == nil else {
            steps = [(pauseMs: 30, step: .create), (pauseMs: 30, step: .finish)]
            return
        }
        var budget = settings.maxOutputTokens ?? Int.max
        var plans: [[TimedStep]] = []
        for output in outputs where budget > 0 {
            var pieces = TextPieces.split(output.answer.text)
            isCut = pieces.count > budget
            pieces = Array(pieces.prefix(budget))
            budget -= pieces.count
            plans.append(Self.steps(of: output, pieces, isCut: isCut))
        }
        isCut = isCut || plans.count < outputs.count
        steps = ([(30, .create)] + interleaved(plans) + [(5, .finish)])[...]
    }

    private static func steps(
        of output: ResponseOutput,
        _ pieces: [String],
        isCut: Bool
    ) -> [TimedStep] {
        let index = output.index
        var steps: [TimedStep] = [(index == 0 ? 300 : 50, .startItem(index))]
        if output.answer.isSpoken { steps.append((6, .openPart(index))) }
        // The transcript leads its audio by a few words; the rest waits for the audio's length.
        let leading = output.isAudio ? 3 : pieces.count
        steps += pieces.prefix(leading).map { (4, .delta(index, $0)) }
        if output.isAudio {
            steps.append((100, .awaitSpeech(index)))
            steps += pieces.dropFirst(leading).map { (5, .delta(index, $0)) }
        }
        guard !isCut else { return steps }
        if case .mcpCall = output.answer {
            steps += [(5, .callTool(index)), (200, .takeResult(index))]
        }
        return steps + [(5, .close(index))]
    }

    /// One output after the other; only a call begins while the comment on it is still going on.
    private func interleaved(_ plans: [[TimedStep]]) -> [TimedStep] {
        var result: [TimedStep] = []
        var held: [TimedStep] = []
        for (index, plan) in plans.enumerated() {
            var plan = plan
            if !held.isEmpty {
                // The call's item and its first words, and then the end of the comment.
                plan.insert(contentsOf: held, at: min(2, plan.count))
                held = []
            }
            if case .commentary = outputs[index].answer, isCall(index + 1), plan.count >= 4 {
                held = Array(plan.suffix(2))
                plan.removeLast(2)
            }
            result += plan
        }
        return result + held
    }

    private func isCall(_ index: Int) -> Bool {
        outputs.indices.contains(index) && !outputs[index].answer.isSpoken
    }

    // MARK: Audio

    /// The length of one audio delta.
    private static let chunkMs = 200

    /// Lays an output's audio between what is left of its transcript, which stays ahead of it.
    mutating func weave(_ audio: [UInt8], into index: Int) {
        let format = outputs[index].format
        let size = Self.chunkMs * format.bytesPerMs
        let chunks = stride(from: 0, to: audio.count, by: size).map {
            Array(audio[$0..<min($0 + size, audio.count)])
        }
        let deltas = steps.prefix { $0.step.delta(of: index) != nil }
        var woven: [TimedStep] = []
        var next = deltas.startIndex
        for (number, chunk) in chunks.enumerated() {
            // Far faster than real time: 3 s in a quarter of a second.
            woven.append((15, .audio(index, chunk)))
            let share = deltas.startIndex + (deltas.count * (number + 1)) / max(1, chunks.count - 1)
            while next < min(share, deltas.endIndex) {
                woven.append(deltas[next])
                next += 1
            }
        }
        steps = (woven + deltas[next...] + steps[deltas.endIndex...])[...]
    }

    /// What is left to say of an output.
    func text(of index: Int) -> String {
        steps.compactMap { $0.step.delta(of: index) }.joined()
    }
}

extension ActiveResponse.Step {
    fileprivate func delta(of output: Int) -> String? {
        if case .delta(output, let text) = self { text } else { nil }
    }
}
