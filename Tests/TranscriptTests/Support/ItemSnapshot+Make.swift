import Transcript

extension ItemSnapshot {
    /// A typed message of the user's.
    static func typed(_ id: String, _ text: String) -> ItemSnapshot {
        ItemSnapshot(id: id, role: .user, status: .completed, parts: [Part(.text, text)])
    }

    /// What the user said aloud, as it is announced: complete, without a transcript.
    static func speech(_ id: String, _ transcript: String? = nil) -> ItemSnapshot {
        ItemSnapshot(id: id, role: .user, status: .completed, parts: [Part(.audio, transcript)])
    }

    /// An answer that begins.
    static func answer(_ id: String, phase: String? = nil) -> ItemSnapshot {
        ItemSnapshot(id: id, role: .assistant, status: .inProgress, phase: phase)
    }

    /// An answer that ended.
    static func answer(
        _ id: String,
        _ text: String,
        _ status: TranscriptItem.Status = .completed
    ) -> ItemSnapshot {
        ItemSnapshot(id: id, role: .assistant, status: status, parts: [Part(.audio, text)])
    }

    /// A message that the model alone sees.
    static func system(_ id: String, _ text: String) -> ItemSnapshot {
        ItemSnapshot(id: id, role: .system, status: .completed, parts: [Part(.text, text)])
    }

    /// A function call, with its arguments or without.
    static func call(_ id: String, _ arguments: String = "", _ status: TranscriptItem.Status)
        -> ItemSnapshot
    {
        let call = TranscriptItem.Call(name: "weather", callID: "call", arguments: arguments)
        return ItemSnapshot(id: id, kind: .functionCall, status: status, call: call)
    }

    /// What a function returned; providers give it no status.
    static func output(_ id: String, _ output: String) -> ItemSnapshot {
        let call = TranscriptItem.Call(callID: "call", output: output)
        return ItemSnapshot(id: id, kind: .functionCallOutput, call: call)
    }
}

extension Replay {
    /// What is stored after events, and what is after the end of the connection, too.
    static func lines(_ events: TranscriptEvent..., isFinished: Bool = true) -> [String] {
        stored(events, isFinished: isFinished).lines
    }

    /// The item that events leave.
    static func item(_ id: String, _ events: TranscriptEvent...) -> TranscriptItem? {
        stored(events, isFinished: true).items[id]
    }

    static func stored(_ events: [TranscriptEvent], isFinished: Bool) -> StoredTranscript {
        var replay = Replay()
        for event in events { replay.take(event) }
        if isFinished { replay.finish() }
        return replay.stored
    }

    /// The actions of one more event.
    mutating func actions(of event: TranscriptEvent, after wait: Duration = .zero)
        -> [TranscriptAction]
    {
        now += wait
        let actions = reducer.reduce(event, at: now)
        stored.perform(actions)
        return actions
    }
}
