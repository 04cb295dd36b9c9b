internal import ContextStore
internal import JSON
internal import WebServer

/// `Idempotency-Key` on POST (api.md, 2): the same request again gets the same answer, for a day.
///
/// The answer is stored in the transaction of the effect, sealed, because it may carry a secret.
struct Idempotency: Sendable {
    private let sealingKey: SecretKey

    init(keyring: Keyring) throws {
        sealingKey = try keyring.key(for: .idempotency)
    }

    /// Runs a creation at most once per key.
    ///
    /// - Parameters:
    ///   - request: The request; without the header nothing is remembered.
    ///   - caller: Whose keys they are.
    ///   - present: Makes the answer from what was created.
    ///   - create: Creates, storing the record it is given.
    /// - Returns: The answer, fresh or remembered.
    /// - Throws: What `create` throws, and `HTTPError` or `ContextStoreError` for a key that is wrong
    ///   or was used for another request.
    func run<Result: Sendable>(
        _ request: HTTPRequest,
        _ caller: Caller,
        present: @escaping @Sendable (Result) -> HTTPResponse,
        create: (IdempotencyRecord<Result>?) async throws -> IdempotentAnswer<Result>
    ) async throws -> HTTPResponse {
        guard let key = try Self.key(request) else { return try await answer(create(nil), present) }
        let fingerprint = try Self.fingerprint(request)
        if let sealed = try await caller.store.rememberedAnswer(
            key: key,
            fingerprint: fingerprint
        ) {
            return try replay(sealed)
        }
        let sealingKey = sealingKey
        let record = IdempotencyRecord<Result>(key: key, fingerprint: fingerprint) { result in
            try SealedBox.seal(StoredAnswer(present(result)).bytes, key: sealingKey)
        }
        return try await answer(create(record), present)
    }

    private func answer<Result>(
        _ outcome: IdempotentAnswer<Result>,
        _ present: (Result) -> HTTPResponse
    ) throws -> HTTPResponse {
        if let result = outcome.value { return present(result) }
        return try replay(outcome.answer ?? [])
    }

    private func replay(_ sealed: [UInt8]) throws -> HTTPResponse {
        var response = try StoredAnswer(bytes: SealedBox.open(sealed, key: sealingKey)).response
        response.headers["Idempotency-Replayed"] = "true"
        return response
    }

    private static func key(_ request: HTTPRequest) throws(HTTPError) -> String? {
        guard let key = request.headers["Idempotency-Key"] else { return nil }
        let isPrintable = key.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        guard (1...255).contains(key.utf8.count), isPrintable else {
            throw HTTPError(
                status: 400,
                code: "invalid_value",
                message: "'Idempotency-Key' must be 1 to 255 printable ASCII characters.",
                param: "Idempotency-Key"
            )
        }
        return key
    }

    /// What must be the same for two requests to be one.
    private static func fingerprint(
        _ request: HTTPRequest
    ) throws(OpenSSLError) -> [UInt8] {
        let query = request.query.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let head = "\(request.method.rawValue) \(request.path)?\(query)\n"
        return try SHA256.digest(of: Array(head.utf8) + request.body)
    }
}

/// An answer as it is remembered.
private struct StoredAnswer {
    let response: HTTPResponse

    init(_ response: HTTPResponse) {
        self.response = response
    }

    init(bytes: [UInt8]) throws {
        // The answer may be nested deeper than the request was.
        let value = try JSONValue(parsing: bytes, maximumDepth: .max)
        response = .secret(
            value["body"] ?? .null,
            status: Int(value["status"]?.integerValue ?? 200)
        )
    }

    var bytes: [UInt8] {
        var output = Array("{\"status\":\(response.status),\"body\":".utf8)
        output += response.bytes ?? Array("null".utf8)
        output.append(UInt8(ascii: "}"))
        return output
    }
}
