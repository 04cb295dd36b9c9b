internal import COpenSSL

/// A client's opening handshake, checked, and the server's answer to it (RFC 6455, 4.2).
///
/// Pure: it reads a request and makes header fields.
public struct WebSocketHandshake: Sendable, Equatable {
    /// Why a request is no acceptable opening handshake.
    public enum Refusal: Error, Equatable {
        /// The method is not GET.
        case method
        /// There is no `Upgrade: websocket` with `Connection: Upgrade`.
        case notAnUpgrade
        /// `Sec-WebSocket-Version` is not 13.
        case version
        /// `Sec-WebSocket-Key` is not 16 bytes in Base64, or is there more than once.
        case key
    }

    /// The subprotocols that the client offered, in its order of preference.
    public let offeredSubprotocols: [String]
    /// The subprotocol that was chosen; nil for none.
    public let subprotocol: String?
    /// The compression that was chosen; nil for none.
    public let deflate: WebSocketDeflate?
    /// The value of `Sec-WebSocket-Accept`.
    public let accept: String

    /// Checks a request and chooses the client's most preferred subprotocol among those known.
    ///
    /// - Parameters:
    ///   - request: The request, whose body is not looked at.
    ///   - subprotocols: What the server speaks. Names compare with regard to case.
    ///   - allowsDeflate: Whether an offer of `permessage-deflate` is taken.
    /// - Throws: ``Refusal`` with the first rule of section 4.2.1 that is broken.
    public init(
        _ request: HTTPRequest,
        subprotocols: [String] = [],
        allowsDeflate: Bool = false
    ) throws(Refusal) {
        // 4.2.1, steps 1, 3 and 4.
        guard request.method == .get else { throw .method }
        guard request.headers.contains("websocket", in: "Upgrade"),
            request.headers.contains("upgrade", in: "Connection")
        else { throw .notAnUpgrade }
        // Step 6 comes before the key, so that a client of another version learns of ours.
        guard request.headers.values(of: "Sec-WebSocket-Version").map(\.trimmed) == ["13"] else {
            throw .version
        }
        // Step 5.
        let keys = request.headers.values(of: "Sec-WebSocket-Key").map(\.trimmed)
        guard let key = keys.first, keys.count == 1, Self.isKey(key) else { throw .key }
        accept = Self.accept(forKey: key)
        offeredSubprotocols = Self.subprotocols(of: request)
        subprotocol = offeredSubprotocols.first(where: subprotocols.contains)
        deflate = allowsDeflate ? WebSocketDeflate(offers: request.headers) : nil
    }

    /// The header fields of the 101 (4.2.2, step 5).
    public var responseHeaders: HTTPHeaders {
        var headers: HTTPHeaders = ["Upgrade": "websocket", "Sec-WebSocket-Accept": accept]
        if let subprotocol { headers.add("Sec-WebSocket-Protocol", subprotocol) }
        if let deflate { headers.add("Sec-WebSocket-Extensions", deflate.answer) }
        return headers
    }

    /// What `Sec-WebSocket-Protocol` offers, in order; empty without that field.
    public static func subprotocols(of request: HTTPRequest) -> [String] {
        request.headers.values(of: "Sec-WebSocket-Protocol")
            .flatMap { $0.split(separator: ",") }
            .map { String($0).trimmed }
            .filter { !$0.isEmpty }
    }

    /// The value that proves that the key was read (4.2.2, step 5.4); for clients to check too.
    public static func accept(forKey key: String) -> String {
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        SHA1(text, text.count, &digest)
        return base64(digest)
    }

    static func base64(_ bytes: [UInt8]) -> String {
        // Base64 makes 4 of every 3 bytes, and EVP_EncodeBlock ends them with a zero.
        var encoded = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&encoded, bytes, Int32(bytes.count))
        return String(decoding: encoded.prefix(Int(count)), as: UTF8.self)
    }

    /// Whether a text is 16 bytes in Base64: 22 digits and two signs of padding.
    private static func isKey(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 24, bytes.suffix(2) == [0x3D, 0x3D] else { return false }
        return bytes.dropLast(2).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
    }
}

extension WebSocketHandshake.Refusal: HTTPErrorConvertible {
    /// 426 for what another attempt may mend by upgrading, otherwise 400 or 405.
    public var httpError: HTTPError {
        switch self {
        case .method: .methodNotAllowed(allowed: [.get])
        case .notAnUpgrade:
            HTTPError(
                status: 426,
                type: "invalid_request_error",
                code: "upgrade_required",
                message: "This path is a WebSocket: send Upgrade: websocket.",
                headers: ["Upgrade": "websocket"]
            )
        case .version:
            HTTPError(
                status: 426,
                type: "invalid_request_error",
                code: "websocket_version",
                message: "Sec-WebSocket-Version must be 13.",
                headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]
            )
        case .key: .badRequest("Sec-WebSocket-Key must be 16 bytes in Base64, once.")
        }
    }
}
