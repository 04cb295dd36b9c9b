internal import Synchronization
internal import WebServer

/// Opens WebSockets to upstream, under our key.
///
/// Connecting and the opening handshake happen on a loop of their own, so that the loops that carry
/// audio do not stop for cryptography. Proxies are taken from the environment, as libcurl does.
final class UpstreamSocketOpener: Sendable {
    /// The bounds of an attempt.
    struct Settings: Sendable {
        /// How a connection is made: its time, and the certificates to trust.
        var connection = HTTPClient.Settings()
        /// How long everything may take, the opening handshake included.
        var timeout: Duration = .seconds(10)
        /// The largest head of the answer.
        var headLimitBytes = 16 * 1_024
        /// Whether compressed messages may come; a relay of audio gains nothing by them.
        var offersDeflate = false
        /// Attempts under way at once; one more is refused.
        var attemptLimit = 512
    }

    private let base: UpstreamURL
    private let key: UpstreamKey
    private let settings: Settings
    private let trust: TrustStore?
    private let loop: EventLoop
    private let scrubber: Scrubber
    private let attemptCount = Atomic<Int>(0)

    /// Prepares for one upstream and one key; certificates are read now, and not again.
    ///
    /// - Parameters:
    ///   - base: Where upstream is.
    ///   - key: The key to show.
    ///   - settings: The bounds.
    ///   - loop: Where to connect; shut down by whoever made it.
    /// - Throws: ``UpstreamSocketError/tlsFailed(_:)`` when the certificates cannot be read.
    init(
        base: UpstreamURL,
        key: UpstreamKey,
        settings: Settings,
        loop: EventLoop
    ) throws(UpstreamSocketError) {
        self.base = base
        self.key = key
        self.settings = settings
        self.loop = loop
        scrubber = Scrubber(keys: [key])
        trust = base.isSecure ? try TrustStore(file: settings.connection.certificateFile) : nil
    }

    /// Opens a socket; cancelling the task ends the attempt and closes what it has opened.
    ///
    /// A 101 does not mean that upstream takes the key: it says so in its first event.
    ///
    /// - Parameters:
    ///   - subject: What the socket is about.
    ///   - safetyIdentifier: A stable hash that stands for the end user.
    /// - Returns: The open socket, to be started or closed.
    /// - Throws: ``UpstreamSocketError``, or `CancellationError`.
    func open(
        _ subject: SocketSubject,
        safetyIdentifier: String? = nil
    ) async throws -> UpstreamSocket {
        let plan = try plan(for: subject, safetyIdentifier)
        let limit = settings.attemptLimit
        defer { attemptCount.wrappingSubtract(1, ordering: .relaxed) }
        guard attemptCount.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            throw UpstreamSocketError.overloaded
        }
        let attempt = UpstreamSocketAttempt(plan, on: loop)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isTaken = loop.execute {
                    attempt.start { continuation.resume(with: $0) }
                }
                // A loop that took the attempt does not end before it.
                if !isTaken { continuation.resume(throwing: UpstreamSocketError.shutDown) }
            }
        } onCancel: {
            loop.execute { attempt.cancel() }
        }
    }

    private func plan(
        for subject: SocketSubject,
        _ safetyIdentifier: String?
    ) throws(UpstreamSocketError) -> UpstreamSocketAttempt.Plan {
        let handshake = WebSocketClientHandshake(offersDeflate: settings.offersDeflate)
        var headers: HTTPHeaders = [
            "Host": base.authority, "Authorization": key.authorization,
            "User-Agent": EasyHandle.userAgent,
        ]
        headers["OpenAI-Safety-Identifier"] = safetyIdentifier
        for (name, value) in handshake.requestHeaders.fields { headers.add(name, value) }
        let target = base.webSocketTarget(subject)
        do throws(HTTPClientError) {
            try OutgoingRequest(.get, base.origin + target, headers: headers).validate()
        } catch {
            throw .invalidRequest(error.description)
        }
        let lines = ["GET \(target) HTTP/1.1"] + headers.fields.map { "\($0.name): \($0.value)" }
        return UpstreamSocketAttempt.Plan(
            origin: base.origin,
            isSecure: base.isSecure,
            request: Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8),
            handshake: handshake,
            scrubber: scrubber,
            settings: settings,
            trust: trust
        )
    }
}
