internal import JSON
internal import WebServer

/// Upstream's HTTP interface, as far as the broker uses it.
///
/// https://platform.openai.com/docs/api-reference/realtime-sessions
struct OpenAIClient: Sendable {
    /// Where upstream is.
    let base: UpstreamURL
    private let key: UpstreamKey
    private let http: HTTPClient
    private let timeout: Duration
    private let failure: UpstreamFailure

    /// A client of one upstream and one key; `timeout` bounds each mint, repeated attempts included.
    init(
        base: UpstreamURL,
        key: UpstreamKey,
        http: HTTPClient,
        timeout: Duration = .seconds(15),
        unixSeconds: @escaping @Sendable () -> Int64 = HTTPClient.Pacing.live.unixSeconds
    ) {
        self.base = base
        self.key = key
        self.http = http
        self.timeout = timeout
        failure = UpstreamFailure(scrubber: Scrubber(keys: [key]), unixSeconds: unixSeconds)
    }

    /// Mints a client secret that is bound to a session's configuration.
    ///
    /// May be sent more than once: a secret that nobody got costs nothing and expires.
    ///
    /// - Parameters:
    ///   - session: The session object; its `type` is required upstream.
    ///   - expiresAfterSeconds: 10 to 7200; nil leaves it to upstream (600).
    ///   - safetyIdentifier: A stable hash that stands for the end user, bound to the secret.
    /// - Returns: The secret and the session that upstream made of the configuration.
    /// - Throws: `HTTPError` as the caller's client may see it, or `CancellationError`.
    func mint(
        session: JSONObject,
        expiresAfterSeconds: Int? = nil,
        safetyIdentifier: String? = nil
    ) async throws -> MintedSecret {
        var body: JSONObject = [:]
        if let expiresAfterSeconds {
            body["expires_after"] = [
                "anchor": "created_at", "seconds": .integer(Int64(expiresAfterSeconds)),
            ]
        }
        body["session"] = .object(session)
        let response = try await send(
            .post,
            base.clientSecretsURL,
            contentType: "application/json",
            body: JSONValue.object(body).bytes,
            safetyIdentifier: safetyIdentifier,
            isSafeToRepeat: true,
            timeout: timeout
        )
        guard let answer = try? JSONValue(parsing: response.body), let secret = MintedSecret(answer)
        else { throw failure.malformed(response) }
        return secret
    }

    /// Asks a language model, and waits for its whole answer.
    ///
    /// Is not repeated here, since every try may cost; the caller decides that.
    ///
    /// - Parameters:
    ///   - request: The question.
    ///   - timeout: How long the model may take.
    /// - Returns: The answer, be it whole, cut off or a refusal.
    /// - Throws: `HTTPError`, with `Retry-After` where upstream says when to come back, or
    ///   `CancellationError`.
    func respond(_ request: ModelRequest, timeout: Duration) async throws -> ModelResponse {
        let response = try await send(
            .post,
            base.responsesURL,
            contentType: "application/json",
            body: request.json.bytes,
            safetyIdentifier: nil,
            isSafeToRepeat: false,
            timeout: timeout
        )
        guard let json = try? JSONValue(parsing: response.body), let answer = ModelResponse(json)
        else { throw failure.malformed(response) }
        return answer
    }

    /// Sends a request under our key; returns only answers of success.
    private func send(
        _ method: HTTPMethod,
        _ url: String,
        contentType: String,
        body: [UInt8],
        safetyIdentifier: String?,
        isSafeToRepeat: Bool,
        timeout: Duration
    ) async throws -> IncomingResponse {
        var headers: HTTPHeaders = [
            "Authorization": key.authorization, "Content-Type": contentType,
        ]
        headers["OpenAI-Safety-Identifier"] = safetyIdentifier
        let request = OutgoingRequest(
            method,
            url,
            headers: headers,
            body: body,
            timeout: timeout,
            isSafeToRepeat: isSafeToRepeat
        )
        let response: IncomingResponse
        do {
            response = try await http.send(request)
        } catch {
            throw failure.error(for: error)
        }
        guard (200...299).contains(response.status) else { throw failure.error(for: response) }
        return response
    }
}
