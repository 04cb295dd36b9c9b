import JSON
import Locking
import Logging
import Testing
import WebServer

@testable import SessionBroker

/// An upstream on loopback whose every session is played by the test.
final class PlayedUpstream: Sendable {
    private let group = EventLoopGroup(count: 1, name: "played")
    private let sessions: AsyncStream<PlayedSession>
    private let refusal = Mutex<Int?>(nil)
    /// Whoever comes waits for this.
    private let gate = Mutex<Task<Void, Never>?>(nil)

    private init(_ sessions: AsyncStream<PlayedSession>) { self.sessions = sessions }

    /// The next session that was opened; with its settings, if it is to be ready.
    func next(isReady: Bool = true, expiresAt: Int64 = 0) async throws -> PlayedSession {
        let session = try #require(await sessions.first { _ in true })
        _ = try await session.event("session.update")
        if isReady { await session.makeReady(expiresAt: expiresAt) }
        return session
    }

    /// From now on every session is refused, with a status; nil for none.
    func refuse(_ status: Int?) { refusal.withLock { $0 = status } }

    /// From now on every session waits, until the result is called.
    func hold() -> @Sendable () -> Void {
        let (opening, opens) = AsyncStream<Void>.makeStream()
        gate.withLock { $0 = Task { for await _ in opening {} } }
        return { opens.finish() }
    }

    /// Runs a test with an upstream; its base URL goes to `body`, too.
    static func with(_ body: (PlayedUpstream, String) async throws -> Void) async throws {
        let (sessions, arrival) = AsyncStream<PlayedSession>.makeStream()
        let upstream = PlayedUpstream(sessions)
        let handler: @Sendable (HTTPRequest) async throws -> HTTPResponse = { request in
            if let status = upstream.refusal.withLock({ $0 }) {
                return HTTPResponse(status: status)
            }
            await upstream.gate.withLock { $0 }?.value
            let loop = upstream.group.loops[0]
            return try WebSocketUpgrade.response(to: request, on: loop) {
                let log = SocketLog(loop: loop)
                arrival.yield(PlayedSession(log: log))
                return log
            }
        }
        let application = HTTPApplication(
            router: Router([
                Route(.get, "/v1/realtime", handler: handler),
                Route(.get, "/v1/realtime/translations", handler: handler),
            ]),
            renderError: { error, _ in HTTPResponse(status: error.status) },
            observeError: { _, _ in }
        )
        let server = HTTPServer(
            configuration: HTTPServer.Configuration(),
            application: application,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let port = try server.start()
        let result = await Result { try await body(upstream, "http://127.0.0.1:\(port)/v1") }
        await upstream.group.shutDown(limit: .zero)
        await server.drain(limit: .seconds(1))
        try result.get()
    }
}

/// A session of a ``PlayedUpstream``.
struct PlayedSession: Sendable {
    let log: SocketLog

    /// Reads on to the client's next event of a type.
    func event(_ type: String) async throws -> JSONValue {
        while let message = await log.next() {
            let event = try JSONValue(parsing: message.bytes)
            if event["type"]?.stringValue == type { return event }
        }
        throw EndedBefore(type: type)
    }

    struct EndedBefore: Error {
        let type: String
    }

    func send(_ type: String, _ members: JSONObject = [:]) async {
        var event = members
        event["type"] = .string(type)
        await log.send(.text(JSONValue.object(event).bytes))
    }

    func makeReady(expiresAt: Int64 = 0) async {
        await send("session.created", ["session": ["id": "sess_1"]])
        await send("session.updated", ["session": ["expires_at": .integer(expiresAt)]])
    }

    /// Ends the connection without a word.
    func drop() async { await log.perform { $0.abort() } }

    // MARK: Turns of a transcription session

    func starts(_ item: String, atMs: Int64) async {
        await send(
            "input_audio_buffer.speech_started",
            ["item_id": .string(item), "audio_start_ms": .integer(atMs)]
        )
    }

    func stops(_ item: String, atMs: Int64) async {
        await send(
            "input_audio_buffer.speech_stopped",
            ["item_id": .string(item), "audio_end_ms": .integer(atMs)]
        )
    }

    func commits(_ item: String) async {
        await send("input_audio_buffer.committed", ["item_id": .string(item)])
    }

    func hears(_ delta: String, in item: String) async {
        await send(
            SpokenCaptions.prefix + "delta",
            ["item_id": .string(item), "delta": .string(delta)]
        )
    }

    func completes(_ item: String, _ text: String) async {
        await send(
            SpokenCaptions.prefix + "completed",
            ["item_id": .string(item), "transcript": .string(text)]
        )
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
