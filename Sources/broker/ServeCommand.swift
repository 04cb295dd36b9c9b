import ArgumentParser
import ContextStore
import Foundation
import Logging
import RealtimeSimulator
import SessionBroker
import WebServer

/// `broker serve`: reads the settings, builds the broker, and runs it until a signal comes.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the broker.",
        discussion: """
            Secrets come from the environment: OPENAI_API_KEY, BROKER_API_KEYS, BROKER_JWT_SECRET. \
            Without an upstream key the built-in simulator is the upstream.
            """
    )

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let signals = TerminationSignals()
        let configuration = try Configuration(
            settings: options.settings(over: ProcessInfo.processInfo.environment)
        )
        let writer = LogWriter()
        defer { writer.flush() }
        let logger = Logger(label: "broker") { _ in
            LineLogHandler(level: configuration.logLevel, writer: writer)
        }
        let descriptors = FileDescriptors.raiseLimit()
        var storage = ContextStore.Configuration()
        storage.busyTimeout = configuration.busyTimeout
        let store = try ContextStore.opened(at: configuration.database, configuration: storage)
        let simulator = try await Self.simulator(configuration, logger)
        let broker = try await Broker(
            configuration: configuration,
            store: store,
            simulator: simulator?.upstream,
            logger: logger
        )
        logger.info("file descriptors", metadata: ["limit": .stringConvertible(descriptors)])
        Self.announce(try await broker.start())
        await signals.wait()
        logger.info("stopping: requests in flight finish")
        await broker.stop()
        await simulator?.server.stop()
        try await store.close()
    }

    /// The simulator in this process answers the broker alone, so its key is no secret.
    private static let simulatorKey = "sk-simulator"

    private struct Simulator {
        let server: RealtimeSimulator
        let upstream: SimulatedUpstream
    }

    /// Without a key, a simulator in this process stands in for upstream, on loopback, and says so.
    private static func simulator(
        _ configuration: Configuration,
        _ logger: Logger
    ) async throws -> Simulator? {
        guard configuration.upstreamKey == nil else { return nil }
        var settings = RealtimeSimulator.Configuration()
        settings.apiKey = simulatorKey
        let server = RealtimeSimulator(configuration: settings, logger: logger)
        let baseURL = try await server.start().baseURL
        logger.notice(
            "no upstream key is set: the built-in simulator answers in place of a model",
            metadata: ["simulator": .string(baseURL)]
        )
        guard let key = UpstreamKey(simulatorKey) else {
            throw ConfigurationError("the simulator's key cannot be used")
        }
        return Simulator(
            server: server,
            upstream: SimulatedUpstream(baseURL: baseURL, key: key)
        )
    }

    /// The one line on standard output that programs read.
    private static func announce(_ url: String) {
        FileHandle.standardOutput.write(Data("listening on \(url)\n".utf8))
    }
}
