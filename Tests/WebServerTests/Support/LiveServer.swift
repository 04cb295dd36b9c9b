import Logging

@testable import WebServer

/// A server on a free port, stopped when `body` is done.
func withServer(
    _ routes: [Route],
    configure: (inout HTTPServer.Configuration) -> Void = { _ in },
    _ body: (HTTPServer, UInt16) async throws -> Void
) async throws {
    var configuration = HTTPServer.Configuration()
    configuration.sweepInterval = .milliseconds(5)
    configure(&configuration)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = HTTPServer(
        configuration: configuration,
        application: .make(routes),
        logger: logger
    )
    let port = try server.start()
    do {
        try await body(server, port)
    } catch {
        await server.drain(limit: .seconds(5))
        throw error
    }
    await server.drain(limit: .seconds(5))
}

/// A door that tasks wait at until it is opened.
actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func wait() async {
        guard !isOpen else { return }
        await withCheckedContinuation { waiting.append($0) }
    }
}
