/// What a socket to upstream is about: exactly one of these stands in its URL.
///
/// https://platform.openai.com/docs/guides/realtime-websocket
enum SocketSubject: Sendable, Equatable {
    /// A new session with a model, whose first event is `session.created`.
    case session(model: String)
    /// A new session that only transcribes; its model comes with `session.update`.
    case transcription
    /// A new session that translates, with a model of its own kind.
    case translation(model: String)
    /// A call that is in progress elsewhere (a sideband): upstream says nothing until it is asked.
    case call(id: String)
}
