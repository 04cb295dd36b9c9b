/// How much audio of an answer has passed, told to the transcript along with its next text.
///
/// Audio is most of what a session consists of, so it is not decoded: its length is that of the event
/// without what stands around it, which is measured once in each answer.
struct SpokenAudio: Sendable {
    private var envelope = 0
    private var base64Count = 0

    /// A piece passes; `isFirst` in its answer.
    mutating func add(_ event: [UInt8], isFirst: Bool) {
        if isFirst { envelope = event.count - EventPeek.deltaCount(of: event) }
        base64Count += max(0, event.count - envelope)
    }

    /// The length of what passed since this was asked last, in bytes of base64.
    mutating func take() -> Int {
        defer { base64Count = 0 }
        return base64Count
    }
}
