import ArgumentParser
import SessionBroker

/// Every setting as an option; an option that is not given leaves the setting to its environment.
///
/// Secrets are not among them, because a command line can be read by other processes.
struct SettingOptions: ParsableArguments {
    @Option(name: .customLong("host"), help: Self.help(.host))
    var host: String?

    @Option(name: .customLong("port"), help: Self.help(.port))
    var port: String?

    @Option(name: .customLong("database"), help: Self.help(.database))
    var database: String?

    @Option(name: .customLong("public"), help: Self.help(.publicFolder))
    var publicFolder: String?

    @Option(name: .customLong("jwks-url"), help: Self.help(.jwksURL))
    var jwksURL: String?

    @Option(name: .customLong("jwt-audience"), help: Self.help(.jwtAudience))
    var jwtAudience: String?

    @Option(name: .customLong("jwt-issuer"), help: Self.help(.jwtIssuer))
    var jwtIssuer: String?

    @Option(name: .customLong("anonymous"), help: Self.help(.anonymous))
    var anonymous: String?

    @Option(name: .customLong("allowed-origins"), help: Self.help(.allowedOrigins))
    var allowedOrigins: String?

    @Option(name: .customLong("model"), help: Self.help(.model))
    var model: String?

    @Option(name: .customLong("voice"), help: Self.help(.voice))
    var voice: String?

    @Option(name: .customLong("instructions"), help: Self.help(.instructions))
    var instructions: String?

    @Option(name: .customLong("transcription-model"), help: Self.help(.transcriptionModel))
    var transcriptionModel: String?

    @Option(name: .customLong("translation-model"), help: Self.help(.translationModel))
    var translationModel: String?

    @Option(name: .customLong("language-grace-seconds"), help: Self.help(.languageGraceTime))
    var languageGraceTime: String?

    @Option(name: .customLong("client-may-update"), help: Self.help(.clientMayUpdate))
    var clientMayUpdate: String?

    @Option(name: .customLong("summary-model"), help: Self.help(.summaryModel))
    var summaryModel: String?

    @Option(
        name: .customLong("summary-tokens-per-day"),
        help: Self.help(.summaryTokensPerDay)
    )
    var summaryTokensPerDay: String?

    @Option(
        name: .customLong("summary-requests-per-minute"),
        help: Self.help(.summaryRequestsPerMinute)
    )
    var summaryRequestsPerMinute: String?

    @Option(name: .customLong("model-prices"), help: Self.help(.modelPrices))
    var modelPrices: String?

    @Option(
        name: .customLong("webhook-allow-private"),
        help: Self.help(.allowsPrivateWebhooks)
    )
    var allowsPrivateWebhooks: String?

    @Option(name: .customLong("max-body-bytes"), help: Self.help(.maximumBodyBytes))
    var maximumBodyBytes: String?

    @Option(name: .customLong("max-session-seconds"), help: Self.help(.maximumSessionTime))
    var maximumSessionTime: String?

    @Option(name: .customLong("idle-seconds"), help: Self.help(.idleTime))
    var idleTime: String?

    @Option(name: .customLong("reconnect-seconds"), help: Self.help(.reconnectTime))
    var reconnectTime: String?

    @Option(name: .customLong("body-timeout-seconds"), help: Self.help(.bodyTimeout))
    var bodyTimeout: String?

    @Option(name: .customLong("upstream-timeout-seconds"), help: Self.help(.upstreamTimeout))
    var upstreamTimeout: String?

    @Option(name: .customLong("busy-timeout-ms"), help: Self.help(.busyTimeout))
    var busyTimeout: String?

    @Option(name: .customLong("drain-seconds"), help: Self.help(.drainTime))
    var drainTime: String?

    @Option(name: .customLong("threads"), help: Self.help(.threads))
    var threads: String?

    @Option(name: .customLong("tls-certificate"), help: Self.help(.tlsCertificate))
    var tlsCertificate: String?

    @Option(name: .customLong("tls-key"), help: Self.help(.tlsKey))
    var tlsKey: String?

    @Option(name: .customLong("access-log"), help: Self.help(.accessLog))
    var accessLog: String?

    @Option(name: .customLong("log-level"), help: Self.help(.logLevel))
    var logLevel: String?

    @Option(name: .customLong("openai-api-key-file"), help: Self.help(.upstreamKeyFile))
    var upstreamKeyFile: String?

    @Option(name: .customLong("openai-base-url"), help: Self.help(.upstreamURL))
    var upstreamURL: String?

    /// The environment with the options over it.
    func settings(over environment: [String: String]) -> [String: String] {
        var settings = environment
        // An option goes before the environment, whatever the key came by there.
        if upstreamKeyFile != nil { settings[Setting.upstreamKey.rawValue] = nil }
        for (setting, value) in values {
            if let value { settings[setting.rawValue] = value }
        }
        return settings
    }

    private var values: [(Setting, String?)] {
        [
            (.host, host),
            (.port, port),
            (.database, database),
            (.publicFolder, publicFolder),
            (.jwksURL, jwksURL),
            (.jwtAudience, jwtAudience),
            (.jwtIssuer, jwtIssuer),
            (.anonymous, anonymous),
            (.allowedOrigins, allowedOrigins),
            (.model, model),
            (.voice, voice),
            (.instructions, instructions),
            (.transcriptionModel, transcriptionModel),
            (.translationModel, translationModel),
            (.languageGraceTime, languageGraceTime),
            (.clientMayUpdate, clientMayUpdate),
            (.summaryModel, summaryModel),
            (.summaryTokensPerDay, summaryTokensPerDay),
            (.summaryRequestsPerMinute, summaryRequestsPerMinute),
            (.modelPrices, modelPrices),
            (.allowsPrivateWebhooks, allowsPrivateWebhooks),
            (.maximumBodyBytes, maximumBodyBytes),
            (.maximumSessionTime, maximumSessionTime),
            (.idleTime, idleTime),
            (.reconnectTime, reconnectTime),
            (.bodyTimeout, bodyTimeout),
            (.upstreamTimeout, upstreamTimeout),
            (.busyTimeout, busyTimeout),
            (.drainTime, drainTime),
            (.threads, threads),
            (.tlsCertificate, tlsCertificate),
            (.tlsKey, tlsKey),
            (.accessLog, accessLog),
            (.logLevel, logLevel),
            (.upstreamKeyFile, upstreamKeyFile),
            (.upstreamURL, upstreamURL),
        ]
    }

    private static func help(_ setting: Setting) -> ArgumentHelp {
        let fallback = setting.defaultText.map { " Default: \($0)" } ?? ""
        return ArgumentHelp("\(setting.help) [\(setting.rawValue)]\(fallback)")
    }
}
