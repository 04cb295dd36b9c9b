public import Logging
internal import Locking
internal import WebServer

/// An offline stand-in for OpenAI's Realtime API, on loopback.
///
/// It mints ephemeral keys and holds sessions over WebSockets, with upstream's shapes, orders and
/// errors. It answers from its instructions, cannot recognise speech, and says so.
/// Safe to use from any thread.
public final class RealtimeSimulator: Sendable {
    /// Where a started simulator can be reached.
    public struct Address: Sendable, Equatable {
        /// The port, which the system chose if 0 was configured.
        public let port: UInt16
        /// What goes in front of `/realtime`, for example `http://127.0.0.1:8090/v1`.
        public let baseURL: String
    }

    /// Every setting of a simulator.
    public struct Configuration: Sendable {
        /// A host name or a numeric address.
        public var host = "127.0.0.1"
        /// The port; 0 lets the system choose.
        public var port: UInt16 = 0
        /// The standard key that is accepted; nil accepts any.
        public var apiKey: String?
        /// What goes wrong on purpose.
        public var scenario = Scenario()
        /// How long a session may last, in seconds; upstream's 60 minutes unless changed.
        public var sessionLimitSeconds = 3_600.0
        /// How long a call may go on with neither its media nor a sideband, in seconds.
        public var unattendedCallSeconds = 60.0
        /// Multiplies the real service's pauses; 0 answers as fast as it can.
        public var pace = 1.0
        /// Whether espeak-ng speaks where it is installed; tones otherwise.
        public var usesEspeak = true
        /// How many threads carry the WebSockets.
        public var threads = 1

        /// The defaults.
        public init() {}
    }

    private let configuration: Configuration
    private let server: HTTPServer
    private let group: EventLoopGroup

    /// Makes a simulator that does not listen yet.
    public init(configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        group = EventLoopGroup(count: configuration.threads, name: "simulator")
        var settings = HTTPServer.Configuration()
        settings.host = configuration.host
        settings.port = configuration.port
        settings.logsAccess = false
        let application = HTTPApplication(
            router: Router(SimulatorRoutes(configuration, group: group).all),
            // Pages on any origin call upstream with an ephemeral key.
            cors: CORSPolicy(allowedOrigins: ["*"]),
            renderError: { error, _ in SimulatorRoutes.render(error) },
            observeError: { error, request in
                guard error.status >= 500 else { return }
                logger.error("simulator: \(error.code)", metadata: ["path": "\(request.path)"])
            }
        )
        server = HTTPServer(configuration: settings, application: application, logger: logger)
    }

    /// Binds, listens and serves.
    ///
    /// - Returns: Where it can be reached.
    /// - Throws: An error that says why the address cannot be had.
    public func start() async throws -> Address {
        let port = try server.start()
        let host =
            configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return Address(port: port, baseURL: "http://\(host):\(port)/v1")
    }

    /// Ends all sessions with 1001, and then the server; a simulator is started once only.
    public func stop() async {
        // Sockets first: the server would close them under their loops.
        await group.shutDown(limit: .seconds(1))
        await server.drain(limit: .seconds(1))
    }
}
