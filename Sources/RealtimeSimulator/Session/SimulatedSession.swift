/// A session as its connection sees it: a value that takes events and time, and says what to do.
protocol SimulatedSession: Sendable {
    /// When ``advance(to:)`` has something to do next.
    var nextDue: Duration? { get }
    /// Begins.
    mutating func start() -> [SessionAction]
    /// Takes one text message of the client.
    mutating func receive(_ message: [UInt8], at now: Duration) -> [SessionAction]
    /// Takes a binary message.
    mutating func receiveBinary(at now: Duration) -> [SessionAction]
    /// Does what is due.
    mutating func advance(to now: Duration) -> [SessionAction]
    /// Takes the audio of a request for speech.
    mutating func speechIsReady(
        _ audio: [UInt8],
        for request: SpeechRequest,
        at now: Duration
    ) -> [SessionAction]
}

extension SimulatedSession {
    /// Nothing: it asks for none.
    mutating func speechIsReady(
        _ audio: [UInt8],
        for request: SpeechRequest,
        at now: Duration
    ) -> [SessionAction] { [] }
}
