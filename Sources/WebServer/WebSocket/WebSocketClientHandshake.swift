internal import COpenSSL

/// A client's opening handshake: what it asks, and whether a 101 grants it (RFC 6455, 4.1).
///
/// Pure but for the random key. Offers no subprotocol.
public struct WebSocketClientHandshake: Sendable {
    /// Why a 101 is not the answer to this handshake; the text names what is wrong.
    public struct Refusal: Error, Equatable, CustomStringConvertible {
        /// One sentence.
        public let description: String
    }

    /// The value of `Sec-WebSocket-Key`: 16 random bytes in Base64.
    public let key: String
    /// Whether `permessage-deflate` is offered (RFC 7692).
    public let offersDeflate: Bool

    /// A handshake with a key of its own.
    public init(offersDeflate: Bool = false) {
        self.offersDeflate = offersDeflate
        var bytes = [UInt8](repeating: 0, count: 16)
        // The key guards against mistaken identity, not against listeners; still it should differ.
        let isRandom = RAND_bytes(&bytes, Int32(bytes.count)) == 1
        precondition(isRandom, "RAND_bytes failed")
        key = WebSocketHandshake.base64(bytes)
    }

    /// A handshake with a given key, for tests.
    init(key: String, offersDeflate: Bool = false) {
        self.key = key
        self.offersDeflate = offersDeflate
    }

    /// The header fields of the request, without `Host`.
    public var requestHeaders: HTTPHeaders {
        var headers: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
        ]
        if offersDeflate { headers.add("Sec-WebSocket-Extensions", WebSocketDeflate.offer) }
        return headers
    }

    /// Checks the header fields of a 101.
    ///
    /// - Returns: The compression that was agreed on; nil for none.
    /// - Throws: ``Refusal`` with the first step of section 4.1 that is not fulfilled.
    public func check(_ headers: HTTPHeaders) throws(Refusal) -> WebSocketDeflate? {
        // Steps 2 and 3 of what a client must validate.
        guard headers.contains("websocket", in: "Upgrade"),
            headers.contains("upgrade", in: "Connection")
        else { throw Refusal(description: "it does not upgrade to a WebSocket") }
        // Step 4.
        let accepted = headers.values(of: "Sec-WebSocket-Accept").map(\.trimmed)
        guard accepted == [WebSocketHandshake.accept(forKey: key)] else {
            throw Refusal(description: "its Sec-WebSocket-Accept is missing or wrong")
        }
        // Steps 5 and 6: what was not offered cannot be chosen.
        guard headers["Sec-WebSocket-Protocol"] == nil else {
            throw Refusal(description: "it chooses a subprotocol that was not offered")
        }
        guard headers["Sec-WebSocket-Extensions"] != nil else { return nil }
        guard offersDeflate, let deflate = WebSocketDeflate(answer: headers) else {
            throw Refusal(description: "it uses an extension in a way that was not offered")
        }
        return deflate
    }
}
