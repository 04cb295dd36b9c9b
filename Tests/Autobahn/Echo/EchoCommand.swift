import Glibc
import WebServer

/// Both ends of a WebSocket that echoes, for the Autobahn test suite to test.
///
///     websocket-echo server               prints its port, and echoes until standard input ends
///     websocket-echo client PORT AGENT    runs every case that the suite's server has for it
@main
enum EchoCommand {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments == ["server"] {
            let server = EchoServer()
            print(try server.start())
            fflush(nil)
            while readLine() != nil {}
            await server.stop()
        } else if arguments.first == "client", arguments.count == 3,
            let port = UInt16(arguments[arguments.startIndex + 1])
        {
            try await EchoClient(port: port).runCases(agent: arguments[arguments.endIndex - 1])
        } else {
            throw EchoError.usage
        }
    }
}

/// What ends the program.
enum EchoError: Error {
    case usage
    case system(String, Int32)
    case handshake(String)
}

extension WebSocketConfiguration {
    /// Every case must be met as it comes: the suite's largest messages, and all compression there is.
    static var echo: Self {
        var configuration = Self()
        configuration.compressesFromBytes = 0
        return configuration
    }
}

/// Sends back each message, or keeps the last one.
///
/// `@unchecked Sendable` because its state is touched by its connection's loop only.
final class EchoHandler: WebSocketHandler, @unchecked Sendable {
    private let echoes: Bool
    private let closed: (@Sendable (WebSocketMessage?) -> Void)?
    private var last: WebSocketMessage?

    init(echoes: Bool = true, closed: (@Sendable (WebSocketMessage?) -> Void)? = nil) {
        self.echoes = echoes
        self.closed = closed
    }

    func received(_ message: WebSocketMessage, on connection: WebSocketConnection) {
        if echoes { connection.send(message) } else { last = message }
    }

    func closed(_ connection: WebSocketConnection, _ closure: WebSocketClosure) {
        closed?(last)
    }
}
