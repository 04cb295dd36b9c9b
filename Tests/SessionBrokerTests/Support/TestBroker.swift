import ContextStore
import Foundation
import JSON
import Logging
import Testing

@testable import SessionBroker
@testable import WebServer

/// A broker in process, without a server socket, on a database and an upstream of its own.
final class TestBroker: Sendable {
    static let serviceKey = "service-key-for-tests"
    static let upstreamKey = "sk-upstream-0123456789abcdef"

    let broker: Broker
    let upstream: FakeUpstream
    let store: ContextStore
    private let folder: URL

    /// What each ephemeral key begins with.
    static let secretPrefix = "ek_0123456789abcdef"

    /// Answers a mint as upstream does, echoing the session.
    static let mints: FakeUpstream.Script = { request in
        let body = (try? JSONValue(parsing: request.body)) ?? nil
        var session = body["session"]?.objectValue ?? JSONObject()
        session["object"] = "realtime.session"
        session["id"] = "sess_upstream"
        session["expires_at"] = 0
        return .answer(
            200,
            JSONValue.object([
                "value": .string(secretPrefix + UUID().uuidString.prefix(16)),
                "expires_at": 1_800_000_000,
                "session": .object(session),
            ]).text
        )
    }

    init(_ script: @escaping FakeUpstream.Script = mints) async throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("broker-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        upstream = try FakeUpstream(script)
        let database = folder.appendingPathComponent("broker.sqlite").path
        store = try ContextStore(path: database)
        let configuration = try Configuration(settings: [
            "OPENAI_API_KEY": Self.upstreamKey,
            "OPENAI_BASE_URL": upstream.url("/v1"),
            "BROKER_DATABASE": database,
            "BROKER_API_KEYS": Self.serviceKey,
            "BROKER_UPSTREAM_TIMEOUT_SECONDS": "2",
        ])
        broker = try await Broker(
            configuration: configuration,
            store: store,
            simulator: nil,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    func stop() async throws {
        await broker.stop()
        upstream.stop()
        try await store.close()
        try FileManager.default.removeItem(at: folder)
    }

    /// What opens the webhooks of this broker's database.
    func vault() throws -> ToolVault {
        let path = folder.appendingPathComponent("broker.sqlite.secret").path
        return try ToolVault(keyring: Keyring(loadingOrCreating: path))
    }

    /// Every byte of the database and its journal.
    func databaseBytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where name.hasPrefix("broker.sqlite") && !name.hasSuffix(".secret") {
            bytes += try Data(contentsOf: folder.appendingPathComponent(name))
        }
        return bytes
    }

    /// Sends a request of a service for a user.
    func send(
        _ method: HTTPMethod,
        _ target: String,
        _ body: JSONValue? = nil,
        user: String = "ada",
        headers: HTTPHeaders = [:]
    ) async -> Answer {
        let parts = target.split(separator: "?", maxSplits: 1)
        var fields: HTTPHeaders = [
            "Authorization": "Bearer \(Self.serviceKey)", "X-Broker-User": user,
            "Host": "127.0.0.1:8080",
        ]
        for field in headers.fields { fields[field.name] = field.value }
        let pairs = parts.count < 2 ? [] : parts[1].split(separator: "&")
        let request = HTTPRequest(
            method: method,
            rawPath: String(parts[0]),
            path: String(parts[0]),
            query: QueryParameters(
                pairs: pairs.map {
                    let pair = $0.split(separator: "=", maxSplits: 1).map(String.init)
                    return (name: pair[0], value: pair.count > 1 ? pair[1] : "")
                }
            ),
            headers: fields,
            body: body.map(\.bytes) ?? [],
            remoteAddress: "127.0.0.1",
            isSecure: false,
            id: "req_test"
        )
        let response = await broker.application.respond(to: request)
        return await Answer(response)
    }
}

/// An answer as a client reads it.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let text: String

    init(_ response: HTTPResponse) async {
        status = response.status
        headers = response.headers
        switch response.body {
        case .bytes(let bytes): text = String(decoding: bytes, as: UTF8.self)
        case .stream(let stream):
            let bytes = try? await stream.collect()
            text = bytes.map { String(decoding: $0, as: UTF8.self) } ?? "<broken>"
        case .upgrade, .detached: text = ""
        }
    }

    /// The body as JSON; null when it is none.
    var json: JSONValue {
        (try? JSONValue(parsing: text.utf8)) ?? .null
    }

    subscript(key: String) -> JSONValue? { json[key] }

    /// A field's text; empty when there is none, which then fails what it is used for.
    func string(_ key: String) -> String { json[key]?.stringValue ?? "" }

    /// The objects of a list.
    var data: [JSONValue] { json["data"]?.arrayValue ?? [] }

    /// The code of an error.
    var errorCode: String? { json["error"]?["code"]?.stringValue }

    /// The parameter that an error blames.
    var errorParam: String? { json["error"]?["param"]?.stringValue }
}

/// Runs a test with a broker, and ends it.
func withBroker(
    _ script: @escaping FakeUpstream.Script = TestBroker.mints,
    _ body: (TestBroker) async throws -> Void
) async throws {
    let broker = try await TestBroker(script)
    do {
        try await body(broker)
    } catch {
        try await broker.stop()
        throw error
    }
    try await broker.stop()
}
