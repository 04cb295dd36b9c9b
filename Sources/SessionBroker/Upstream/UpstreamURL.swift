/// Where upstream is: an origin and the path that its API begins with.
struct UpstreamURL: Sendable, Equatable, CustomStringConvertible {
    /// Why a setting is not the URL of an API; the text names no part of it but the fault.
    struct ParsingError: Error, Equatable, CustomStringConvertible {
        /// One sentence.
        let description: String
    }

    /// Whether upstream is reached over TLS.
    let isSecure: Bool
    /// The host as it stands in a URL: an IPv6 address has its brackets.
    let host: String
    /// The port, the scheme's own when the URL names none.
    let port: Int
    /// The path, with no `/` at its end: empty or `/v1`.
    let path: String

    /// Reads a base URL such as `https://api.openai.com/v1`, with or without a `/` at its end.
    init(_ text: String) throws(ParsingError) {
        let parts: URLParts
        do {
            parts = try URLParts(text)
        } catch {
            throw ParsingError(description: error.reason)
        }
        for (part, name) in [
            (parts.user, "a user name"), (parts.query, "a query"), (parts.fragment, "a fragment"),
        ] where part != nil {
            throw ParsingError(description: "the base URL must not have \(name)")
        }
        guard parts.isHTTP, parts.path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ParsingError(description: "the base URL must begin with https:// or http://")
        }
        isSecure = parts.isSecure
        host = parts.host
        port = parts.effectivePort
        let end = parts.path.utf8.lastIndex { $0 != UInt8(ascii: "/") }
        path = end.map { String(parts.path[...$0]) } ?? ""
    }

    /// The base URL in its shortest form.
    var description: String { "\(origin)\(path)" }

    /// The host, and the port unless it is the scheme's own: the `Host` field.
    var authority: String { port == (isSecure ? 443 : 80) ? host : "\(host):\(port)" }

    /// Where client secrets are minted.
    var clientSecretsURL: String { "\(self)/realtime/client_secrets" }

    /// Where language models are asked.
    var responsesURL: String { "\(self)/responses" }

    /// Where a browser or this broker posts a WebRTC offer.
    var callsURL: String { "\(self)/realtime/calls" }

    /// Where connections are made to, without a path.
    var origin: String { "\(isSecure ? "https" : "http")://\(authority)" }

    /// The path and query of a socket.
    func webSocketTarget(_ subject: SocketSubject) -> String {
        switch subject {
        case .session(let model): "\(path)/realtime?model=\(Self.escape(model))"
        case .transcription: "\(path)/realtime?intent=transcription"
        case .translation(let model):
            "\(path)/realtime/translations?model=\(Self.escape(model))"
        case .call(let id): "\(path)/realtime?call_id=\(Self.escape(id))"
        }
    }

    /// The URL of a socket.
    func webSocketURL(_ subject: SocketSubject) -> String {
        "\(isSecure ? "wss" : "ws")://\(authority)\(webSocketTarget(subject))"
    }

    /// RFC 3986, 2.3: everything but unreserved characters is escaped.
    private static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
