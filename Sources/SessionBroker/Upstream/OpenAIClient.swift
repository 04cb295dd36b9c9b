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
    /// Takes our key out of what upstream writes.
    let scrubber: Scrubber

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
        scrubber = Scrubber(keys: [key])
        failure = UpstreamFailure(scrubber: scrubber, unixSeconds: unixSeconds)
    }

    /// Opens WebSockets to the same upstream under the same key.
    ///
    /// - Throws: ``UpstreamSocketError`` when the certificates to trust cannot be read.
    func socketOpener(on loop: EventLoop) throws(UpstreamSocketError) -> UpstreamSocketOpener {
        try UpstreamSocketOpener(
            base: base,
            key: key,
            settings: UpstreamSocketOpener.Settings(),
            loop: loop
        )
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

    /// A call that upstream carries.
    struct MadeCall: Sendable {
        let id: String
        /// The SDP answer, as it came.
        let answer: [UInt8]
    }

    /// Makes a WebRTC call under our key (reference, 2.2).
    ///
    /// - Parameters:
    ///   - offer: The browser's SDP, unchanged: it must keep its last line's end.
    ///   - session: The session object.
    ///   - safetyIdentifier: A stable hash that stands for the end user.
    /// - Returns: The call's id, and the answer for the browser.
    /// - Throws: `HTTPError` as the caller's client may see it, or `CancellationError`.
    func call(
        offer: [UInt8],
        session: JSONObject,
        safetyIdentifier: String?
    ) async throws -> MadeCall {
        let form = MultipartBody([
            .init(name: "sdp", contentType: "application/sdp", body: offer),
            .init(
                name: "session",
                contentType: "application/json",
                body: JSONValue.object(session).bytes
            ),
        ])
        let response = try await send(
            .post,
            base.callsURL,
            contentType: form.contentType,
            body: form.bytes,
            safetyIdentifier: safetyIdentifier,
            isSafeToRepeat: false,
            timeout: timeout
        )
        // The content type is not what the schema says, so that only this tells.
        guard let location = response.headers["Location"],
            let id = location.split(separator: "/").last, id.hasPrefix("rtc_")
        else { throw failure.malformed(response) }
        return MadeCall(id: String(id), answer: response.body)
    }

    /// Ends a call; one that has ended already is no error.
    ///
    /// - Throws: `HTTPError` when upstream cannot be reached or fails.
    func hangUp(_ callID: String) async throws {
        do {
            _ = try await send(
                .post,
                "\(base.callsURL)/\(callID)/hangup",
                contentType: "application/json",
                body: [],
                safetyIdentifier: nil,
                isSafeToRepeat: true,
                timeout: timeout
            )
        } catch let error as HTTPError where error.upstream?["status"] == 404 {}
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
