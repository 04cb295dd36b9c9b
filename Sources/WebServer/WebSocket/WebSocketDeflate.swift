/// The `permessage-deflate` that both ends agreed on (RFC 7692, 7), and how they agree.
///
/// No message builds upon those before it, in either direction, so that a connection keeps no window:
/// that would be 300 KB each. Pure.
public struct WebSocketDeflate: Sendable, Equatable {
    /// The window that the server may use, as a power of two.
    let serverWindowBits: Int32

    private static let name = "permessage-deflate"
    private static let withoutContext = "server_no_context_takeover; client_no_context_takeover"

    // MARK: Server

    /// Takes the first of a client's offers that can be kept (7.1.3); nil when there is none.
    init?(offers headers: HTTPHeaders) {
        let found = Self.extensions(headers).lazy.compactMap { Self(offer: $0) }.first
        guard let found else { return nil }
        self = found
    }

    private init?(offer: Extension) {
        guard offer.name == Self.name, offer.hasOnly(Self.parameters) else { return nil }
        // 7.1.2.2: a client that could use a smaller window need not be asked to.
        guard let bits = offer.windowBits("server_max_window_bits") else { return nil }
        // zlib cannot make raw deflate with a window of 2^8 (deflateInit2 of its manual).
        guard bits >= 9 else { return nil }
        serverWindowBits = bits
    }

    /// The value of `Sec-WebSocket-Extensions` in the answer.
    var answer: String {
        let bits = serverWindowBits < 15 ? "; server_max_window_bits=\(serverWindowBits)" : ""
        return "\(Self.name); \(Self.withoutContext)\(bits)"
    }

    // MARK: Client

    /// The value of `Sec-WebSocket-Extensions` in an offer.
    static var offer: String { "\(name); \(withoutContext)" }

    /// Checks what a server made of ``offer`` (7.1.3); nil when it is no answer to that.
    init?(answer headers: HTTPHeaders) {
        let extensions = Self.extensions(headers)
        guard let answer = extensions.first, extensions.count == 1, answer.name == Self.name,
            // 7.1.2.2: `client_max_window_bits` was not offered.
            answer.hasOnly(Self.parameters.subtracting(["client_max_window_bits"])),
            // 7.1.1.1: offered, so it is confirmed or the whole offer is declined.
            answer.parameters.contains(where: { $0.name == "server_no_context_takeover" }),
            let bits = answer.windowBits("server_max_window_bits")
        else { return nil }
        serverWindowBits = bits
    }

    // MARK: Reading

    private static let parameters: Set<String> = [
        "server_no_context_takeover", "client_no_context_takeover",
        "server_max_window_bits", "client_max_window_bits",
    ]

    private struct Extension {
        let name: String
        let parameters: [(name: String, value: String?)]

        /// Whether every parameter is known, there once, and has a value only where it may.
        func hasOnly(_ known: Set<String>) -> Bool {
            guard Set(parameters.map(\.name)).count == parameters.count else { return false }
            return parameters.allSatisfy { parameter in
                guard known.contains(parameter.name) else { return false }
                switch parameter.name {
                case "server_max_window_bits": return Self.bits(parameter.value) != nil
                case "client_max_window_bits":
                    return parameter.value == nil || Self.bits(parameter.value) != nil
                default: return parameter.value == nil
                }
            }
        }

        /// The value of a parameter, 15 without it; nil when it is out of bounds.
        func windowBits(_ name: String) -> Int32? {
            guard let parameter = parameters.first(where: { $0.name == name }) else { return 15 }
            return Self.bits(parameter.value)
        }

        /// 8 to 15, without leading zeros (7.1.2.1).
        private static func bits(_ value: String?) -> Int32? {
            guard let value, value.first != "0", let bits = Int32(value), (8...15).contains(bits),
                value == String(bits)
            else { return nil }
            return bits
        }
    }

    /// Reads `name; parameter; parameter=value, …` (RFC 6455, 9.1); a value may be quoted.
    private static func extensions(_ headers: HTTPHeaders) -> [Extension] {
        headers.values(of: "Sec-WebSocket-Extensions").flatMap { $0.split(separator: ",") }
            .map { entry in
                let parts = entry.split(separator: ";", omittingEmptySubsequences: false)
                    .map { String($0).trimmed }
                return Extension(
                    name: (parts.first ?? "").lowercased(),
                    parameters: parts.dropFirst().map(parameter)
                )
            }
    }

    private static func parameter(_ text: String) -> (name: String, value: String?) {
        guard let sign = text.firstIndex(of: "=") else { return (text.lowercased(), nil) }
        var value = String(text[text.index(after: sign)...]).trimmed
        if value.count >= 2, value.first == "\"", value.last == "\"" {
            value = String(value.dropFirst().dropLast())
        }
        return (String(text[..<sign]).trimmed.lowercased(), value)
    }
}
