import Glibc
import WebServer

/// The suite's client, as it wants one: a connection for each case, one after the other.
///
/// https://github.com/crossbario/autobahn-testsuite/blob/master/doc/usage.rst
struct EchoClient {
    let port: UInt16
    private let loop = EventLoop(name: "echo")

    init(port: UInt16) {
        self.port = port
    }

    func runCases(agent: String) async throws {
        let answer = try await connect("/getCaseCount", echoes: false)
        let count = answer.flatMap { Int(String(decoding: $0.bytes, as: UTF8.self)) } ?? 0
        for number in 1...max(1, count) {
            _ = try await connect("/runCase?case=\(number)&agent=\(agent)")
        }
        _ = try await connect("/updateReports?agent=\(agent)", echoes: false)
    }

    /// Upgrades a connection and waits for its end.
    ///
    /// - Returns: The last message of one that does not echo.
    private func connect(_ target: String, echoes: Bool = true) async throws -> WebSocketMessage? {
        let socket = try Self.connectedSocket(port)
        let handshake = WebSocketClientHandshake(offersDeflate: true)
        let (headers, rest) = try upgrade(socket, target, handshake)
        let deflate: WebSocketDeflate?
        do {
            deflate = try handshake.check(headers)
        } catch {
            close(socket)
            throw error
        }
        return await withCheckedContinuation { continuation in
            let upgraded = UpgradedSocket(fileDescriptor: socket, receivedBytes: rest) {
                close(socket)
            }
            WebSocketConnection.open(
                UpgradedSocketTransport(socket: upgraded),
                role: .client,
                receivedBytes: rest,
                on: loop,
                configuration: .echo,
                deflate: deflate
            ) {
                EchoHandler(echoes: echoes) { continuation.resume(returning: $0) }
            }
        }
    }

    private static func connectedSocket(_ port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw EchoError.system("socket", errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let code = errno
            close(descriptor)
            throw EchoError.system("connect", code)
        }
        return descriptor
    }

    /// Sends the request and reads the answer's head.
    private func upgrade(
        _ socket: Int32,
        _ target: String,
        _ handshake: WebSocketClientHandshake
    ) throws -> (HTTPHeaders, rest: [UInt8]) {
        var request = "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        for (name, value) in handshake.requestHeaders.fields {
            request += "\(name): \(value)\r\n"
        }
        let bytes = Array((request + "\r\n").utf8)
        guard send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw EchoError.system("send", errno)
        }
        var answer: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while true {
            var piece = [UInt8](repeating: 0, count: 4_096)
            let count = recv(socket, &piece, piece.count, 0)
            guard count > 0 else {
                throw EchoError.handshake(String(decoding: answer, as: UTF8.self))
            }
            answer += piece[..<count]
            guard let head = answer.firstRange(of: end) else { continue }
            let text = String(decoding: answer[..<head.lowerBound], as: UTF8.self)
            return (try Self.headers(in: text), Array(answer[head.upperBound...]))
        }
    }

    private static func headers(in head: String) throws -> HTTPHeaders {
        let lines = head.split(separator: "\r\n")
        guard let status = lines.first, status.hasPrefix("HTTP/1.1 101 ") else {
            throw EchoError.handshake(head)
        }
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers.add(
                String(parts[0]),
                parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
            )
        }
        return headers
    }
}
