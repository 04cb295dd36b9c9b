import Logging
import WebServer

@testable import SessionBroker

/// What opens sockets in a test, on loops of its own.
struct SocketBench: Sendable {
    static let key = "sk-upstream-0123456789abcdef"

    let opener: UpstreamSocketOpener
    /// Where attempts are made.
    let connecting: EventLoop
    /// Where open sockets live.
    let carrying: EventLoop

    /// Opens a socket and brings it to life.
    func start(
        _ subject: SocketSubject = .session(model: "gpt-realtime"),
        configure: (inout WebSocketConfiguration) -> Void = { _ in }
    ) async throws -> SocketLog {
        let log = SocketLog(loop: carrying)
        var configuration = WebSocketConfiguration()
        configure(&configuration)
        try await opener.open(subject).start(on: carrying, configuration: configuration) { log }
        return log
    }

    /// What an attempt failed with; nil when it did not, or with something else.
    func failure(
        _ subject: SocketSubject = .session(model: "gpt-realtime")
    ) async -> UpstreamSocketError? {
        do {
            _ = try await opener.open(subject)
            return nil
        } catch {
            return error as? UpstreamSocketError
        }
    }
}

/// Runs a test with what opens sockets to a base URL, and ends its loops.
func withSocketBench(
    _ base: String,
    key: String = SocketBench.key,
    settings: (inout UpstreamSocketOpener.Settings) -> Void = { _ in },
    _ body: (SocketBench) async throws -> Void
) async throws {
    var configuration = UpstreamSocketOpener.Settings()
    settings(&configuration)
    guard let key = UpstreamKey(key) else { return }
    let (connecting, carrying) = (EventLoop(name: "connect"), EventLoop(name: "carry"))
    let opener = try UpstreamSocketOpener(
        base: try UpstreamURL(base),
        key: key,
        settings: configuration,
        loop: connecting
    )
    let bench = SocketBench(opener: opener, connecting: connecting, carrying: carrying)
    do {
        try await body(bench)
    } catch {
        await connecting.shutDown(limit: .zero)
        await carrying.shutDown(limit: .zero)
        throw error
    }
    await connecting.shutDown(limit: .zero)
    await carrying.shutDown(limit: .zero)
}

/// A server that upgrades every `/realtime` and echoes; its base URL is given to `body`.
func withEchoServer(
    tls: HTTPServer.TLS? = nil,
    configuration sockets: WebSocketConfiguration = WebSocketConfiguration(),
    _ body: (String) async throws -> Void
) async throws {
    let group = EventLoopGroup(count: 1, name: "echo")
    let route = Route(.get, "/realtime") { request in
        try WebSocketUpgrade.response(to: request, on: group, configuration: sockets) {
            SocketLog(loop: group.loops[0], echoes: true)
        }
    }
    var configuration = HTTPServer.Configuration()
    configuration.tls = tls
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let application = HTTPApplication(
        router: Router([route]),
        renderError: { error, _ in HTTPResponse(status: error.status) },
        observeError: { _, _ in }
    )
    let server = HTTPServer(configuration: configuration, application: application, logger: logger)
    let port = try server.start()
    do {
        try await body("\(tls == nil ? "http" : "https")://127.0.0.1:\(port)")
    } catch {
        await group.shutDown(limit: .zero)
        await server.drain(limit: .seconds(1))
        throw error
    }
    await group.shutDown(limit: .zero)
    await server.drain(limit: .seconds(1))
}
