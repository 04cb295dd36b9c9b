extension HTTPServer {
    /// A certificate chain and its private key, both PEM.
    public struct TLS: Sendable {
        let certificate: [UInt8]
        let key: [UInt8]

        /// Takes the contents of the two files.
        public init(certificate: [UInt8], key: [UInt8]) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Where a server listens, and its bounds.
    public struct Configuration: Sendable {
        /// A host name or a numeric address.
        public var host = "127.0.0.1"
        /// The port; 0 lets the system choose.
        public var port: UInt16 = 0
        /// TLS, if the server should speak it itself.
        public var tls: TLS?
        /// How many epoll threads share the connections.
        public var threads = 2
        /// How many connections are open at most; further ones are refused by closing them.
        public var connectionLimit = 20_000
        /// A connection without any traffic for this long is closed.
        public var idleTimeoutSeconds = 60
        /// The largest body; a larger one is a 413.
        public var bodyLimitBytes = 16 * 1_024 * 1_024
        /// A refused body of up to this size is read and thrown away, so that the client sees why.
        public var discardLimitBytes = 64 * 1_024 * 1_024
        /// What all bodies being received may take together; beyond it is a 503.
        public var bodyMemoryLimitBytes = 512 * 1_024 * 1_024
        /// The time from a request's head to the end of its body; then a 408.
        public var bodyDeadline: Duration = .seconds(60)
        /// The time that a handler has unless its route says otherwise; then a 503.
        public var handlerDeadline: Duration = .seconds(30)
        /// How often deadlines are looked at.
        public var sweepInterval: Duration = .milliseconds(100)
        /// Whether each request is logged.
        public var logsAccess = true

        /// The defaults.
        public init() {}
    }
}
