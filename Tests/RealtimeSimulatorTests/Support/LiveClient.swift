import Foundation
import FoundationNetworking
import JSON
import Logging
import WebServer

@testable import RealtimeSimulator

/// A WebSocket client on an event loop of its own, made of the server's own parts.
final class LiveClient: Sendable {
    enum Entry: Sendable, Equatable {
        case event(JSONValue)
        case media([UInt8])
        case closed(WebSocketClosure)
    }

    private let loop: EventLoop
    private let entries: AsyncStream<Entry>
    private let outbox: Outbox

    /// What a handshake was answered with, up to its empty line.
    let head: String

    init(port: UInt16, path: String, headers: [String: String]) async throws {
        let (descriptor, head, rest) = try await Self.handshake(port, path, headers)
        self.head = head
        let (entries, record) = AsyncStream<Entry>.makeStream()
        self.entries = entries
        let loop = EventLoop(name: "client")
        let outbox = Outbox(record)
        self.loop = loop
        self.outbox = outbox
        WebSocketConnection.open(
            ClientTransport(fileDescriptor: descriptor),
            role: .client,
            receivedBytes: rest,
            on: loop,
            makeHandler: { outbox }
        )
    }

    func send(_ event: JSONValue) {
        loop.execute { [outbox] in outbox.connection?.send(.text(event.bytes)) }
    }

    func sendMedia(_ bytes: [UInt8]) {
        loop.execute { [outbox] in outbox.connection?.send(.binary(bytes)) }
    }

    func leave() {
        loop.execute { [outbox] in outbox.connection?.close(.normal) }
    }

    /// The next event of a type, those before it being passed over; nil at the end.
    func next(_ type: String) async -> JSONValue? {
        await all(until: type).last
    }

    /// All events up to one of a type; empty when it never comes.
    func all(until type: String) async -> [JSONValue] {
        var events: [JSONValue] = []
        for await entry in entries {
            switch entry {
            case .closed: return []
            case .media: continue
            case .event(let event):
                events.append(event)
                if event["type"]?.stringValue == type { return events }
            }
        }
        return []
    }

    /// The next piece of media.
    func nextMedia() async -> [UInt8]? {
        for await case .media(let bytes) in entries { return bytes }
        return nil
    }

    func closure() async -> WebSocketClosure? {
        for await case .closed(let closure) in entries { return closure }
        return nil
    }

    func stop() async {
        await loop.shutDown(limit: .seconds(1))
    }

    /// `@unchecked Sendable` because `connection` is touched by the loop's thread only.
    private final class Outbox: WebSocketHandler, @unchecked Sendable {
        var connection: WebSocketConnection?
        private let record: AsyncStream<Entry>.Continuation

        init(_ record: AsyncStream<Entry>.Continuation) {
            self.record = record
        }

        func opened(_ connection: WebSocketConnection) {
            self.connection = connection
        }

        func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
            if case .binary(let bytes) = message {
                record.yield(.media(bytes))
            } else if let event = try? JSONValue(parsing: message.bytes) {
                record.yield(.event(event))
            }
        }

        func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
            self.connection = nil
            record.yield(.closed(closure))
            record.finish()
        }
    }

    struct Failure: Error {
        let text: String
    }

    /// Connects and shakes hands, on a thread of its own because that blocks.
    private static func handshake(
        _ port: UInt16,
        _ path: String,
        _ headers: [String: String]
    ) async throws -> (Int32, String, [UInt8]) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try handshakeBlocking(port, path, headers) })
            }
        }
    }

    private static func handshakeBlocking(
        _ port: UInt16,
        _ path: String,
        _ headers: [String: String]
    ) throws -> (Int32, String, [UInt8]) {
        let descriptor = try connectBlocking(port)
        var request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        request += "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        request += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        for (name, value) in headers { request += "\(name): \(value)\r\n" }
        request += "\r\n"
        _ = Array(request.utf8).withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, 0)
        }
        var received: [UInt8] = []
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, 0) == 1 {
            received.append(byte)
            if received.suffix(4).elementsEqual([13, 10, 13, 10]) {
                return (descriptor, String(decoding: received, as: UTF8.self), [])
            }
        }
        close(descriptor)
        throw Failure(text: String(decoding: received, as: UTF8.self))
    }

    private static func connectBlocking(_ port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(text: "connect: \(errno)") }
        return descriptor
    }
}

/// A socket that the client owns.
struct ClientTransport: WebSocketTransport {
    let fileDescriptor: Int32

    func read(into buffer: UnsafeMutableRawBufferPointer) -> TransportResult {
        let count = recv(
            fileDescriptor,
            buffer.baseAddress,
            buffer.count,
            Int32(MSG_DONTWAIT)
        )
        return count == 0 ? .ended : result(count)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> TransportResult {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        return result(Glibc.send(fileDescriptor, bytes.baseAddress, bytes.count, flags))
    }

    func shutDownWriting() {
        shutdown(fileDescriptor, Int32(SHUT_WR))
    }

    func close() {
        Glibc.close(fileDescriptor)
    }

    private func result(_ count: Int) -> TransportResult {
        if count >= 0 { return .bytes(count) }
        return errno == EAGAIN ? .wouldBlock : .failed(errno)
    }
}

/// A simulator on a free port that answers at once, in tones.
func withSimulator(
    _ configure: (inout RealtimeSimulator.Configuration) throws -> Void = { _ in },
    _ body: (RealtimeSimulator.Address) async throws -> Void
) async throws {
    var configuration = RealtimeSimulator.Configuration()
    configuration.apiKey = "sk-sim"
    configuration.pace = 0
    configuration.usesEspeak = false
    try configure(&configuration)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let simulator = RealtimeSimulator(configuration: configuration, logger: logger)
    let address = try await simulator.start()
    do {
        try await body(address)
    } catch {
        await simulator.stop()
        throw error
    }
    await simulator.stop()
}

/// One HTTP request, with a new connection.
func post(
    _ url: String,
    key: String? = "sk-sim",
    _ body: JSONValue
) async throws -> (status: Int, headers: [String: String], body: JSONValue) {
    try await post(url, key: key, type: "application/json", body.bytes)
}

/// One HTTP request with a body of any type; an answer that is no JSON reads as a string.
func post(
    _ url: String,
    key: String? = "sk-sim",
    type: String,
    _ body: [UInt8]
) async throws -> (status: Int, headers: [String: String], body: JSONValue) {
    guard let url = URL(string: url) else { throw LiveClient.Failure(text: url) }
    var request = URLRequest(url: url)
    request.httpMethod = "POST"
    request.httpBody = Data(body)
    request.setValue(type, forHTTPHeaderField: "Content-Type")
    if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
    let (data, response) = try await URLSession.shared.data(for: request)
    guard let response = response as? HTTPURLResponse else {
        throw LiveClient.Failure(text: "no HTTP")
    }
    var headers: [String: String] = [:]
    for case (let name as String, let value as String) in response.allHeaderFields {
        headers[name.lowercased()] = value
    }
    let json = (try? JSONValue(parsing: data)) ?? .string(String(decoding: data, as: UTF8.self))
    return (response.statusCode, headers, json)
}
