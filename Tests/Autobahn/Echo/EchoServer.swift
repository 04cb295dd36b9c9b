import Logging
import WebServer

/// A server that upgrades `/` on a free port.
struct EchoServer {
    private let group = EventLoopGroup(count: 1, name: "echo")
    private let server: HTTPServer

    init() {
        let route = Route(.get, "/") { [group] request in
            try WebSocketUpgrade.response(to: request, on: group, configuration: .echo) {
                EchoHandler()
            }
        }
        var configuration = HTTPServer.Configuration()
        configuration.logsAccess = false
        let application = HTTPApplication(
            router: Router([route]),
            renderError: { error, _ in HTTPResponse(status: error.status) },
            observeError: { _, _ in }
        )
        server = HTTPServer(
            configuration: configuration,
            application: application,
            logger: Logger(label: "echo")
        )
    }

    /// Returns the port.
    func start() throws -> UInt16 {
        try server.start()
    }

    func stop() async {
        await group.shutDown(limit: .seconds(1))
        await server.drain(limit: .seconds(1))
    }
}
