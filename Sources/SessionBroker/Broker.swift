public import ContextStore
internal import JSON
public import Logging
public import WebServer

/// An upstream that only pretends: the built-in simulator's address and key.
public struct SimulatedUpstream: Sendable {
    let baseURL: String
    let key: UpstreamKey

    /// Takes the address, up to and including `/v1`, and the key that it wants.
    public init(baseURL: String, key: UpstreamKey) {
        self.baseURL = baseURL
        self.key = key
    }
}

/// The session broker: the store, upstream and the routes, behind one HTTP server.
public final class Broker: Sendable {
    /// The version of this release.
    public static let version = "0.1.0"

    /// The application without its server, for callers in the same process.
    public let application: HTTPApplication
    private let configuration: Configuration
    private let client: HTTPClient
    private let indexer: MemoryIndexer
    private let summaries: SummaryKeeper
    private let modelSummaries: ModelSummaryKeeper?
    private let store: ContextStore
    private let webhooks: WebhookClient
    private let live: LiveSessions
    private let planner: LivePlanner
    private let broadcasts: Broadcasts
    private let connecting: EventLoop
    private let server: HTTPServer

    /// Puts a broker together; nothing listens yet.
    ///
    /// - Parameters:
    ///   - configuration: Every setting.
    ///   - store: The database, open.
    ///   - simulator: What stands in for upstream, if something does.
    ///   - logger: Where the log goes.
    /// - Throws: when nobody could use it, a setting is wrong, or its secrets cannot be had.
    public init(
        configuration: Configuration,
        store: ContextStore,
        simulator: SimulatedUpstream?,
        logger: Logger
    ) async throws {
        self.configuration = configuration
        self.store = store
        client = try HTTPClient()
        let keyring = try Keyring(
            loadingOrCreating: Keyring.path(besideDatabase: configuration.database)
        )
        let upstream = try Self.upstream(configuration, simulator, client)
        indexer = MemoryIndexer(store: store, logger: logger)
        summaries = SummaryKeeper(store: store, logger: logger)
        modelSummaries = configuration.summaries.map {
            ModelSummaryKeeper(
                store: store,
                summarizer: ModelSummarizer(upstream: upstream, configuration: $0),
                logger: logger
            )
        }
        let callers = CallerRoutes(
            authenticator: try await Self.authenticator(configuration, keyring, client),
            store: store
        )
        let vault = try ToolVault(keyring: keyring)
        connecting = EventLoop(name: "connecting")
        webhooks = try Self.webhooks(configuration, keyring)
        let services = LiveServices(
            opener: try upstream.socketOpener(on: connecting),
            continuity: SessionContinuity(
                context: ContextEngine(indexer: indexer),
                summaries: summaries
            ),
            tools: ToolRunner(indexer: indexer, webhooks: webhooks),
            prices: configuration.modelPrices,
            scrubber: upstream.scrubber,
            logger: logger,
            reconnectTime: configuration.reconnectTime,
            settingsTime: min(configuration.upstreamTimeout, LiveServices.longestSettingsTime)
        )
        live = LiveSessions(
            services: services,
            summaries: summaries,
            threads: configuration.threads
        ) { callID in
            do {
                try await upstream.hangUp(callID)
            } catch {
                logger.error("a call could not be hung up", metadata: ["cause": "\(error)"])
            }
        }
        planner = LivePlanner(
            vault: vault,
            clientMayUpdate: configuration.clientMayUpdate,
            limits: configuration.sessionLimits
        )
        broadcasts = Broadcasts(
            services: BroadcastServices(
                opener: services.opener,
                prices: configuration.modelPrices,
                scrubber: upstream.scrubber,
                logger: logger,
                transcriptionModel: configuration.session.transcriptionModel,
                translationModel: configuration.translationModel,
                graceTime: configuration.languageGraceTime,
                limits: configuration.sessionLimits,
                rateLimits: services.rateLimits
            ),
            store: store,
            threads: configuration.threads
        )
        let requests = RequestCounter()
        let routes = BrokerRoutes(
            store: store,
            callers: callers,
            idempotency: try Idempotency(keyring: keyring),
            minter: SessionMinter(
                upstream: upstream,
                defaults: configuration.session,
                context: ContextEngine(indexer: indexer),
                vault: vault,
                maximumDuration: configuration.sessionLimits.maximumDuration
            ),
            summaries: summaries,
            live: live,
            planner: planner,
            broadcasts: broadcasts,
            requests: requests,
            isSimulated: simulator != nil
        ).routes
        application = Self.application(
            routes,
            configuration,
            upstreamURL: "\(upstream.base)",
            logger: logger
        )
        if let missing = StaticFiles(root: configuration.publicFolder).missingIndex {
            logger.warning("there is no page to serve", metadata: ["missing": .string(missing)])
        }
        server = HTTPServer(
            configuration: Self.serverConfiguration(configuration),
            application: application,
            counter: requests,
            logger: logger
        )
    }

    /// Starts to serve.
    ///
    /// - Returns: The URL that it is reached at.
    /// - Throws: `ListenError` when the address cannot be had, `ContextStoreError` when the database
    ///   cannot be read.
    public func start() async throws -> String {
        let interrupted = try await store.activeSessions()
        let port = try server.start()
        live.recover(interrupted, planner: planner, store: store)
        await indexer.start()
        await summaries.start()
        await modelSummaries?.start()
        let isIPv6 = configuration.host.contains(":")
        let host = isIPv6 ? "[\(configuration.host)]" : configuration.host
        return "\(configuration.tls == nil ? "http" : "https")://\(host):\(port)"
    }

    /// Stops gracefully: requests in flight finish, and what was acknowledged is on disk.
    public func stop() async {
        async let broadcastsEnd: Void = broadcasts.shutDown(limit: configuration.drainTime)
        await live.shutDown(limit: configuration.drainTime)
        await broadcastsEnd
        await connecting.shutDown(limit: configuration.drainTime)
        await server.drain(limit: configuration.drainTime)
        await modelSummaries?.stop()
        await summaries.stop()
        await indexer.stop()
        webhooks.shutdown()
        client.shutdown()
    }
}
