import Captions
import ContextStore
import Foundation
import Glibc
import JSON
import Logging
import Testing

@testable import SessionBroker
@testable import WebServer

/// Broadcasts in process, on a store of their own and with an upstream that cannot be reached.
struct BroadcastBench: Sendable {
    let store: ContextStore
    let owner: UserStore
    let broadcasts: Broadcasts
    /// Where the clients' ends of the sockets live.
    let clients: EventLoop

    /// A broadcast that is stored, and nothing more.
    func made(
        languages: [String] = [],
        access: Broadcast.Access = .public
    ) async throws -> OwnedBroadcast {
        let settings = BroadcastSettings(
            title: "Rivers",
            mode: languages.isEmpty ? .transcription : .translation,
            sourceLanguage: "en",
            languages: languages,
            hasAudio: false,
            access: access,
            tokenHash: nil,
            metadata: [:]
        )
        let broadcast = try await owner.createBroadcast(settings, once: nil).value
        return OwnedBroadcast(user: owner.user, broadcast: try #require(broadcast))
    }

    // MARK: Sockets

    /// Somebody comes to speak.
    func speak(in owned: OwnedBroadcast) throws -> BroadcastClient {
        let resampler = try #require(Resampler(rate: 24_000))
        let speaker = SpeakerSide(broadcasts, owned, resampler)
        return try connect(speaker, on: broadcasts.loop(of: owned.broadcast.id))
    }

    /// Somebody comes to listen.
    func listen(
        to owned: OwnedBroadcast,
        _ language: String = "en",
        tokenHash: [UInt8]? = nil
    ) throws -> BroadcastClient {
        let wish = Listener.Wish(language: language, tokenHash: tokenHash)
        let listener = Listener(broadcasts, owned, wish)
        return try connect(listener, on: broadcasts.nextLoop())
    }

    private func connect(_ handler: any WebSocketHandler, on loop: EventLoop) throws
        -> BroadcastClient
    {
        var descriptors: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
        let client = BroadcastClient(handler, reading: SocketLog(loop: clients))
        var configuration = WebSocketConfiguration()
        configuration.closeTimeout = .milliseconds(100)
        open(descriptors[0], .server, on: loop, configuration) { client.ended }
        open(descriptors[1], .client, on: clients, configuration) { client.log }
        return client
    }

    private func open(
        _ descriptor: Int32,
        _ role: WebSocketFraming.Role,
        on loop: EventLoop,
        _ configuration: WebSocketConfiguration,
        _ makeHandler: @escaping @Sendable () -> any WebSocketHandler
    ) {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        WebSocketConnection.open(
            SocketTransport(fileDescriptor: descriptor) { close(descriptor) },
            role: role,
            on: loop,
            configuration: configuration,
            makeHandler: makeHandler
        )
    }

    // MARK: What is in memory

    /// Takes a broadcast up, and does something with it on its loop; nil when it cannot be.
    @discardableResult
    func withLive<Value: Sendable>(
        _ owned: OwnedBroadcast,
        _ body: @escaping @Sendable (LiveBroadcast?) -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            broadcasts.withLive(owned) { continuation.resume(returning: body($0)) }
        }
    }

    /// Returns when a condition holds; looked at many times a second.
    func until(_ condition: @Sendable () async throws -> Bool) async throws {
        while try await !condition() {
            try Task.checkCancellation()
            await withCheckedContinuation { continuation in
                clients.execute { [clients] in
                    clients.schedule(after: .milliseconds(10)) { continuation.resume() }
                }
            }
        }
    }
}

/// One who speaks or listens in a test, seen from both ends.
struct BroadcastClient: Sendable {
    /// The client's end.
    let log: SocketLog
    fileprivate let ended: EndLog

    fileprivate init(_ handler: any WebSocketHandler, reading log: SocketLog) {
        self.log = log
        ended = EndLog(handler)
    }

    /// Reads on to an event of a type.
    func event(_ type: String) async throws -> JSONValue? {
        while let message = await log.next() {
            let event = try JSONValue(parsing: message.bytes)
            if event["type"]?.stringValue == type { return event }
        }
        Issue.record("the socket ended before \(type)")
        return nil
    }

    func send(_ event: JSONValue) async { await log.send(.text(event.bytes)) }

    /// How the broker's end was closed.
    func closure() async -> WebSocketClosure? { await ended.closure() }
}

/// A handler that passes everything on, and tells a test how it ended.
///
/// `@unchecked Sendable` because the handler is touched on the loop's thread only.
private final class EndLog: WebSocketHandler, @unchecked Sendable {
    private let handler: any WebSocketHandler
    private let closures: AsyncStream<WebSocketClosure>
    private let ending: AsyncStream<WebSocketClosure>.Continuation

    init(_ handler: any WebSocketHandler) {
        self.handler = handler
        (closures, ending) = AsyncStream.makeStream()
    }

    func closure() async -> WebSocketClosure? { await closures.first { _ in true } }

    func opened(_ connection: WebSocketConnection) { handler.opened(connection) }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        handler.received(message, on: connection)
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        handler.closed(connection, closure)
        ending.yield(closure)
        ending.finish()
    }
}

/// Runs a test with broadcasts, and ends them.
func withBroadcasts(
    change: (inout BroadcastServices) -> Void = { _ in },
    _ body: (BroadcastBench) async throws -> Void
) async throws {
    let upstream = try FakeUpstream.refusing()
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("broadcasts-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try ContextStore(path: folder.appendingPathComponent("broker.sqlite").path)
    let user = try #require(UserID("anna"))
    try await withSocketBench(upstream.url("/v1")) { sockets in
        var services = BroadcastServices(
            opener: sockets.opener,
            prices: ModelPrices(byModel: [:]),
            scrubber: Scrubber(keys: []),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            transcriptionModel: "gpt-live-transcribe",
            translationModel: "gpt-realtime-translate"
        )
        change(&services)
        let bench = BroadcastBench(
            store: store,
            owner: store.user(user),
            broadcasts: Broadcasts(services: services, store: store, threads: 1),
            clients: EventLoop(name: "clients")
        )
        do {
            try await body(bench)
        } catch {
            Issue.record(error)
        }
        await bench.broadcasts.shutDown(limit: .zero)
        await bench.clients.shutDown(limit: .zero)
    }
    upstream.stop()
    try await store.close()
}
