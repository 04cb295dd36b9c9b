internal import Glibc
internal import JSON
public import Logging

/// How one broker is set up; every value is checked when it is read.
public struct Configuration: Sendable {
    /// Upstream's key; nil for the simulator.
    public var upstreamKey: UpstreamKey?
    /// Upstream's base URL.
    public var upstreamURL: String
    /// Address to listen on.
    public var host: String
    /// Port to listen on; 0 lets the system choose.
    public var port: UInt16
    /// Path of the database file.
    public var database: String
    /// Folder of the web page.
    public var publicFolder: String
    /// Who is let in, and how.
    public var identity: IdentityConfiguration
    /// Other origins whose pages may call.
    public var allowedOrigins: Set<String>
    /// Fields of a session that clients of a relay may set, as paths with dots.
    public var clientMayUpdate: Set<String>
    /// How long sessions may last.
    var sessionLimits: SessionClock.Limits
    /// How long a session waits for a client that lost its network; zero: not at all.
    public var reconnectTime: Duration
    /// What a session has unless its caller says otherwise.
    public var session: SessionDefaults
    /// The model that translates broadcasts.
    public var translationModel: String
    /// How long a broadcast goes on in a language that nobody listens to.
    public var languageGraceTime: Duration
    /// The language model that writes summaries; nil for none.
    public var summaries: SummaryConfiguration?
    /// What models cost.
    var modelPrices: ModelPrices
    /// Whether tools' webhooks may lead to private addresses.
    public var allowsPrivateWebhooks: Bool
    /// Largest request body in bytes.
    public var maximumBodyBytes: Int
    /// Time for a request body to arrive.
    public var bodyTimeout: Duration
    /// Time for upstream to answer.
    public var upstreamTimeout: Duration
    /// Time to wait for a database that another process locked.
    public var busyTimeout: Duration
    /// Time for requests in flight to finish when the broker stops.
    public var drainTime: Duration
    /// HTTP threads.
    public var threads: Int
    /// Certificate and key in PEM, for HTTPS.
    public var tls: (certificate: [UInt8], key: [UInt8])?
    /// Whether each request is logged.
    public var logsAccess: Bool
    /// The least severe level that is logged.
    public var logLevel: Logger.Level

    /// Reads settings by their environment names; what is not there has its default.
    ///
    /// - Throws: ``ConfigurationError`` naming the first setting that cannot be used.
    public init(settings: [String: String]) throws(ConfigurationError) {
        let reader = SettingReader(settings)
        upstreamKey = try Self.upstreamKey(reader)
        upstreamURL = try reader.httpURL(.upstreamURL)
        host = try reader.required(.host)
        port = UInt16(try reader.integer(.port, 0...65_535))
        database = try reader.required(.database)
        publicFolder = try reader.required(.publicFolder)
        identity = try Self.identity(reader)
        allowedOrigins = Set(try reader.origins(.allowedOrigins))
        clientMayUpdate = Set(reader.list(.clientMayUpdate))
        sessionLimits = SessionClock.Limits(
            maximumDuration: try reader.optionalSeconds(.maximumSessionTime),
            idleTime: try reader.optionalSeconds(.idleTime)
        )
        session = SessionDefaults(
            model: try reader.required(.model),
            voice: try reader.required(.voice),
            instructions: try reader.required(.instructions),
            transcriptionModel: try reader.required(.transcriptionModel)
        )
        translationModel = try reader.required(.translationModel)
        languageGraceTime = .milliseconds(try reader.milliseconds(.languageGraceTime))
        summaries = try Self.summaries(reader)
        modelPrices = try Self.modelPrices(reader)
        allowsPrivateWebhooks = try reader.flag(.allowsPrivateWebhooks) ?? false
        maximumBodyBytes = try reader.integer(.maximumBodyBytes, 1_024...1_073_741_824)
        reconnectTime = try reader.optionalSeconds(.reconnectTime) ?? .zero
        bodyTimeout = .milliseconds(try reader.milliseconds(.bodyTimeout))
        upstreamTimeout = .milliseconds(try reader.milliseconds(.upstreamTimeout))
        busyTimeout = .milliseconds(try reader.integer(.busyTimeout, 0...60_000))
        drainTime = .milliseconds(try reader.milliseconds(.drainTime))
        threads = try reader.integer(.threads, 2...256)
        tls = try Self.tls(reader)
        logsAccess = try reader.flag(.accessLog) ?? true
        let level = try reader.required(.logLevel)
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw reader.error(.logLevel, "is not a log level: \(level)")
        }
        self.logLevel = logLevel
    }

    private static func upstreamKey(
        _ reader: SettingReader
    ) throws(ConfigurationError) -> UpstreamKey? {
        if let text = reader.text(.upstreamKey) {
            guard let key = UpstreamKey(text) else {
                throw reader.error(.upstreamKey, "has characters that no key has")
            }
            return key
        }
        guard let file = reader.text(.upstreamKeyFile) else { return nil }
        let text = String(decoding: try reader.contents(of: file, .upstreamKeyFile), as: UTF8.self)
        guard let key = UpstreamKey(text) else {
            throw reader.error(.upstreamKeyFile, "names a file without a key: \(file)")
        }
        return key
    }

    private static func identity(
        _ reader: SettingReader
    ) throws(ConfigurationError) -> IdentityConfiguration {
        IdentityConfiguration(
            serviceKeys: reader.list(.serviceKeys),
            jwtSecret: reader.text(.jwtSecret),
            jwksURL: try reader.optionalHTTPURL(.jwksURL),
            jwtAudience: reader.text(.jwtAudience),
            jwtIssuer: reader.text(.jwtIssuer),
            allowsAnonymous: try reader.flag(.anonymous)
        )
    }

    private static func summaries(
        _ reader: SettingReader
    ) throws(ConfigurationError) -> SummaryConfiguration? {
        // The numbers are checked also while they are of no use, as all settings are.
        let configuration = SummaryConfiguration(
            model: try reader.required(.summaryModel),
            tokensPerDay: try reader.integer(
                .summaryTokensPerDay,
                ModelSummarizer.maximumRequestTokens...1_000_000_000
            ),
            requestsPerMinute: try reader.integer(.summaryRequestsPerMinute, 1...10_000)
        )
        return configuration.model == "off" ? nil : configuration
    }

    private static func modelPrices(
        _ reader: SettingReader
    ) throws(ConfigurationError) -> ModelPrices {
        guard let file = reader.text(.modelPrices) else { return .published }
        do {
            return try ModelPrices.published.merging(reader.contents(of: file, .modelPrices))
        } catch let error as JSONError {
            throw reader.error(.modelPrices, "names a file that is wrong: \(error)")
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw reader.error(.modelPrices, "cannot be read: \(error)")
        }
    }

    private static func tls(
        _ reader: SettingReader
    ) throws(ConfigurationError) -> (certificate: [UInt8], key: [UInt8])? {
        switch (reader.text(.tlsCertificate), reader.text(.tlsKey)) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            return (
                try reader.contents(of: certificate, .tlsCertificate),
                try reader.contents(of: key, .tlsKey)
            )
        case (nil, _): throw reader.error(.tlsCertificate, "is missing: HTTPS needs both files")
        case (_, nil): throw reader.error(.tlsKey, "is missing: HTTPS needs both files")
        }
    }
}

/// What a session has unless its agent or its caller says otherwise.
public struct SessionDefaults: Sendable {
    /// Upstream's model.
    public var model: String
    /// Upstream's voice.
    public var voice: String
    /// What the model is told.
    public var instructions: String
    /// Upstream's model for what the user says.
    public var transcriptionModel: String
}
