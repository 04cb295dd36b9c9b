internal import ContextStore
internal import JSON
internal import WebServer

/// Calls tools by HTTP: a signed POST, and the answer's body is the tool's output.
///
/// Redirects are not followed, and proxies of the environment are not used: one would connect where
/// this client may not.
struct WebhookClient: Sendable {
    /// The largest output of a tool.
    static let outputLimitBytes = 65_536

    private let http: HTTPClient
    private let secret: WebhookSecret
    private let pacing: HTTPClient.Pacing
    private let retry = WebhookRetry()

    /// A client with connections of its own.
    ///
    /// - Parameters:
    ///   - secret: What calls are signed with.
    ///   - allowsPrivate: Whether tools may be at private addresses.
    ///   - pacing: Where time and chance come from.
    /// - Throws: ``HTTPClientError`` when the system refuses a thread or a socket.
    init(
        secret: WebhookSecret,
        allowsPrivate: Bool,
        pacing: HTTPClient.Pacing = .live
    ) throws(HTTPClientError) {
        http = try HTTPClient(settings: Self.settings(allowsPrivate), pacing: pacing)
        self.secret = secret
        self.pacing = pacing
    }

    /// Fails what is under way, and waits until the connections are closed.
    func shutdown() {
        http.shutdown()
    }

    /// How the connections are set up.
    ///
    /// Each attempt is this type's own, with a signature of its own time. An error's body may be
    /// larger than an output, since nobody reads it.
    private static func settings(_ allowsPrivate: Bool) -> HTTPClient.Settings {
        var settings = HTTPClient.Settings.fromEnvironment()
        settings.attemptLimit = 1
        settings.responseLimitBytes = 4 * outputLimitBytes
        settings.connectionLimitPerHost = 64
        settings.destinations = allowsPrivate ? .any : .publicOnly
        settings.usesProxies = false
        return settings
    }

    /// Calls a tool, again if need be while its time lasts, and waits for its output.
    ///
    /// - Returns: The answer's body as it is.
    /// - Throws: ``WebhookError``, or `CancellationError` when the task is cancelled, which also ends
    ///   the request.
    func output(
        of call: ToolCall,
        at webhook: ToolWebhook,
        for origin: ToolCallOrigin
    ) async throws -> String {
        let body = Self.body(of: call, for: origin)
        let deadline = ContinuousClock.now + webhook.timeout
        var attempt = 1
        var refusal: Int?
        while true {
            let request = try request(body, of: call, at: webhook, until: deadline)
            let outcome = try await send(request)
            if case .success(let response) = outcome { refusal = response.status }
            // That the time is over says less than what the tool said before.
            if case .failure(.timedOut) = outcome, let refusal {
                throw WebhookError.status(refusal)
            }
            guard let pause = retry.pause(after: outcome, attempt: attempt, pacing: pacing),
                ContinuousClock.now + pause < deadline
            else { return try Self.output(outcome) }
            try await pacing.sleep(pause)
            attempt += 1
        }
    }

    private func request(
        _ body: [UInt8],
        of call: ToolCall,
        at webhook: ToolWebhook,
        until deadline: ContinuousClock.Instant
    ) throws(WebhookError) -> OutgoingRequest {
        var headers = HTTPHeaders()
        for header in webhook.headers { headers.add(header.name, header.value) }
        headers["Content-Type"] = "application/json"
        do {
            let signature = try WebhookSignature(
                of: body,
                id: call.id,
                timestamp: pacing.unixSeconds(),
                secret: secret
            )
            for field in signature.headers.fields { headers[field.name] = field.value }
        } catch {
            throw .notSent("\(error)")
        }
        return OutgoingRequest(
            .post,
            webhook.url,
            headers: headers,
            body: body,
            timeout: deadline - .now
        )
    }

    /// Sends once; throws only cancellation.
    private func send(
        _ request: OutgoingRequest
    ) async throws -> Result<IncomingResponse, HTTPClientError> {
        do {
            return .success(try await http.send(request))
        } catch let error as HTTPClientError {
            return .failure(error)
        }
    }

    /// What the last attempt brought.
    private static func output(
        _ outcome: Result<IncomingResponse, HTTPClientError>
    ) throws(WebhookError) -> String {
        let response: IncomingResponse
        do {
            response = try outcome.get()
        } catch {
            throw WebhookError(error)
        }
        guard (200...299).contains(response.status) else { throw .status(response.status) }
        guard response.body.count <= outputLimitBytes else {
            throw .tooLarge(limitBytes: outputLimitBytes)
        }
        guard let text = String(validating: response.body, as: UTF8.self) else { throw .notText }
        return text
    }

    /// What a receiver reads.
    ///
    /// The arguments are the value that the model wrote, or its text when it is no JSON.
    static func body(of call: ToolCall, for origin: ToolCallOrigin) -> [UInt8] {
        let arguments = try? JSONValue(parsing: call.arguments.utf8)
        let body: JSONValue = [
            "type": "tool.call",
            "call_id": .string(call.id),
            "name": .string(call.name),
            "arguments": arguments ?? .string(call.arguments),
            "session_id": .string(origin.session.text),
            "conversation_id": .string(origin.conversation.text),
            "user_id": .string(origin.user.text),
            "agent_id": .optional(origin.agent?.text),
        ]
        return body.bytes
    }
}
