internal import Glibc

extension HTTPClient {
    /// The bounds of a client.
    struct Settings: Sendable {
        /// How long one connection may take to come about, TLS included.
        var connectTimeout: Duration = .seconds(5)
        /// The largest body of an answer; a larger one is ``HTTPClientError/responseTooLarge(limitBytes:)``.
        var responseLimitBytes = 4 * 1_024 * 1_024
        /// The largest header of an answer, all fields together.
        var headerLimitBytes = 64 * 1_024
        /// Requests under way at once; one more is refused with ``HTTPClientError/overloaded``.
        var inFlightLimit = 4_096
        /// Connections to one host and port; further requests wait for one, within their time.
        var connectionLimitPerHost = 256
        /// How often one request is sent at most.
        var attemptLimit = 3
        /// A file of PEM certificates to trust instead of the system's.
        var certificateFile: String?
        /// Which addresses are connected to.
        ///
        /// ``Destinations/publicOnly`` sees the proxy's address where there is a proxy.
        var destinations = Destinations.any
        /// Whether the proxies are used that the environment names.
        var usesProxies = true

        /// The defaults, with the certificate file that the environment names.
        ///
        /// The variables are the curl tool's, which libcurl itself does not read (curl(1),
        /// ENVIRONMENT); those of proxies (`https_proxy`, `no_proxy`, …) it does.
        static func fromEnvironment() -> Settings {
            var settings = Settings()
            for name in ["CURL_CA_BUNDLE", "SSL_CERT_FILE"] where settings.certificateFile == nil {
                settings.certificateFile = getenv(name).map { String(cString: $0) }
            }
            return settings
        }
    }

    /// Which addresses a client connects to.
    enum Destinations: Sendable {
        /// Any that the system can reach.
        case any
        /// Hosts of the internet (``IPAddress/isPublic``); others are
        /// ``HTTPClientError/destinationRefused``.
        case publicOnly
    }

    /// Where retries get time and chance from; tests put in their own.
    struct Pacing: Sendable {
        /// Waits; throws only when the task is cancelled.
        var sleep: @Sendable (Duration) async throws -> Void
        /// The wall clock in Unix seconds, for `Retry-After` dates.
        var unixSeconds: @Sendable () -> Int64
        /// A number in 0..<1.
        var random: @Sendable () -> Double

        /// The real ones.
        static let live = Pacing(
            sleep: { try await Task.sleep(for: $0) },
            unixSeconds: { Int64(time(nil)) },
            random: { Double.random(in: 0..<1) }
        )
    }
}
