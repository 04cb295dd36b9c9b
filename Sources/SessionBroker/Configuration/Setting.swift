/// Every setting of `broker serve`: its environment name, its default and what it means.
///
/// A command-line option of the same name wins over the environment: `BROKER_PORT` is `--port`.
public enum Setting: String, CaseIterable, Sendable {
    case upstreamKey = "OPENAI_API_KEY"
    case upstreamKeyFile = "OPENAI_API_KEY_FILE"
    case upstreamURL = "OPENAI_BASE_URL"
    case host = "BROKER_HOST"
    case port = "BROKER_PORT"
    case database = "BROKER_DATABASE"
    case publicFolder = "BROKER_PUBLIC"
    case serviceKeys = "BROKER_API_KEYS"
    case jwtSecret = "BROKER_JWT_SECRET"
    case jwksURL = "BROKER_JWKS_URL"
    case jwtAudience = "BROKER_JWT_AUDIENCE"
    case jwtIssuer = "BROKER_JWT_ISSUER"
    case anonymous = "BROKER_ANONYMOUS"
    case allowedOrigins = "BROKER_ALLOWED_ORIGINS"
    case model = "BROKER_MODEL"
    case voice = "BROKER_VOICE"
    case instructions = "BROKER_INSTRUCTIONS"
    case transcriptionModel = "BROKER_TRANSCRIPTION_MODEL"
    case translationModel = "BROKER_TRANSLATION_MODEL"
    case languageGraceTime = "BROKER_LANGUAGE_GRACE_SECONDS"
    case clientMayUpdate = "BROKER_CLIENT_MAY_UPDATE"
    case summaryModel = "BROKER_SUMMARY_MODEL"
    case summaryTokensPerDay = "BROKER_SUMMARY_TOKENS_PER_DAY"
    case summaryRequestsPerMinute = "BROKER_SUMMARY_REQUESTS_PER_MINUTE"
    case modelPrices = "BROKER_MODEL_PRICES"
    case allowsPrivateWebhooks = "BROKER_WEBHOOK_ALLOW_PRIVATE"
    case maximumBodyBytes = "BROKER_MAX_BODY_BYTES"
    case maximumSessionTime = "BROKER_MAX_SESSION_SECONDS"
    case idleTime = "BROKER_IDLE_SECONDS"
    case reconnectTime = "BROKER_RECONNECT_SECONDS"
    case bodyTimeout = "BROKER_BODY_TIMEOUT_SECONDS"
    case upstreamTimeout = "BROKER_UPSTREAM_TIMEOUT_SECONDS"
    case busyTimeout = "BROKER_BUSY_TIMEOUT_MS"
    case drainTime = "BROKER_DRAIN_SECONDS"
    case threads = "BROKER_THREADS"
    case tlsCertificate = "BROKER_TLS_CERTIFICATE"
    case tlsKey = "BROKER_TLS_KEY"
    case accessLog = "BROKER_ACCESS_LOG"
    case logLevel = "BROKER_LOG_LEVEL"

    /// What holds when the setting is not given; nil when nothing does.
    public var defaultText: String? {
        switch self {
        case .upstreamURL: "https://api.openai.com/v1"
        case .host: "127.0.0.1"
        case .port: "8080"
        case .database: "data/broker.sqlite"
        case .publicFolder: "public"
        case .model: "gpt-realtime-2.1"
        case .voice: "marin"
        case .instructions:
            "You are a helpful, friendly voice assistant. Keep answers short and natural to hear."
        case .transcriptionModel: "gpt-live-transcribe"
        case .translationModel: "gpt-realtime-translate"
        case .languageGraceTime: "30"
        case .clientMayUpdate:
            """
            audio.output.voice,audio.output.format,audio.input.format,audio.input.turn_detection,\
            output_modalities
            """
        case .summaryModel: "off"
        case .summaryTokensPerDay: "2000000"
        case .summaryRequestsPerMinute: "60"
        case .allowsPrivateWebhooks: "off"
        case .maximumBodyBytes: "16777216"
        case .maximumSessionTime: "off"
        case .idleTime: "900"
        case .reconnectTime: "20"
        case .bodyTimeout: "60"
        case .upstreamTimeout: "20"
        case .busyTimeout: "2000"
        case .drainTime: "20"
        case .threads: "2"
        case .accessLog: "on"
        case .logLevel: "info"
        case .upstreamKey, .upstreamKeyFile, .serviceKeys, .jwtSecret, .jwksURL, .jwtAudience,
            .jwtIssuer, .anonymous, .allowedOrigins, .modelPrices, .tlsCertificate, .tlsKey:
            nil
        }
    }

    /// One line for people.
    public var help: String {
        switch self {
        case .upstreamKey: "Upstream key. None: the built-in simulator is the upstream."
        case .upstreamKeyFile: "A file that holds the upstream key."
        case .upstreamURL: "Upstream, up to and including /v1."
        case .host: "Address to listen on."
        case .port: "Port to listen on; 0 picks a free one."
        case .database: "The SQLite database; made when missing."
        case .publicFolder: "Folder of the web page."
        case .serviceKeys: "Service keys, comma-separated; they may act for any user."
        case .jwtSecret: "Secret of end users' JWTs (HS256)."
        case .jwksURL: "Where the keys of end users' JWTs are (RS256, ES256)."
        case .jwtAudience: "The 'aud' that end users' JWTs must have. None: any."
        case .jwtIssuer: "The 'iss' that end users' JWTs must have. None: any."
        case .anonymous: "on or off: let browsers in without credentials. On for loopback only."
        case .allowedOrigins: "Other origins whose pages may call, comma-separated."
        case .model: "Model of a session."
        case .voice: "Voice of a session."
        case .instructions: "Instructions of a session."
        case .transcriptionModel: "Model that transcribes what the user says."
        case .translationModel:
            "Model that translates broadcasts. One that is no translation model is prompted to."
        case .languageGraceTime:
            "Seconds that a broadcast goes on in a language without listeners, or without a speaker."
        case .clientMayUpdate: "Fields of a session that clients of a relay may set."
        case .summaryModel: "Model that writes summaries and finds facts. off: none does."
        case .summaryTokensPerDay: "Tokens that the summary model may use in a UTC day."
        case .summaryRequestsPerMinute: "Requests to the summary model in a minute."
        case .modelPrices: "JSON file of what models cost, over the prices that are built in."
        case .allowsPrivateWebhooks:
            "on or off: let tools' webhooks lead to private addresses, this machine's included."
        case .maximumBodyBytes: "Largest request body in bytes."
        case .maximumSessionTime:
            "Seconds that a live session or broadcast may last. off: as long as it goes on."
        case .idleTime:
            "Seconds without a word after which a live session or a speaker is let go. off: never."
        case .reconnectTime:
            "Seconds that a relay waits for a client that lost its network, or off."
        case .bodyTimeout: "Seconds that a request body may take to arrive."
        case .upstreamTimeout: "Seconds that upstream may take to answer."
        case .busyTimeout: "Milliseconds to wait for a database locked by another process."
        case .drainTime: "Seconds that requests in flight get to finish on SIGTERM."
        case .threads: "HTTP threads."
        case .tlsCertificate: "Certificate chain (PEM file), to serve HTTPS."
        case .tlsKey: "Private key of the certificate (PEM file)."
        case .accessLog: "on or off: log each request."
        case .logLevel: "trace, debug, info, notice, warning, error or critical."
        }
    }
}
