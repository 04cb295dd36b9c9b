internal import WebServer

/// The header fields by which a receiver knows who calls, and a repeated call
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
struct WebhookSignature: Sendable, Equatable {
    /// The same for all attempts of one call.
    let id: String
    /// When this attempt was made, in Unix seconds.
    let timestamp: Int64
    /// `v1,` and the Base64 of HMAC-SHA-256 of id, timestamp and body.
    let signature: String

    /// Signs an attempt.
    ///
    /// - Throws: ``OpenSSLError`` when the code cannot be computed.
    init(
        of body: [UInt8],
        id: String,
        timestamp: Int64,
        secret: WebhookSecret
    ) throws(OpenSSLError) {
        self.id = try Self.safe(id)
        self.timestamp = timestamp
        let message = Array("\(self.id).\(timestamp).".utf8) + body
        signature = "v1," + (try secret.code(for: message)).base64
    }

    /// The fields to send.
    var headers: HTTPHeaders {
        [
            "webhook-id": id,
            "webhook-timestamp": String(timestamp),
            "webhook-signature": signature,
        ]
    }

    /// An id as it is, if it can neither shift the signed parts nor break out of its field.
    ///
    /// Any other is replaced by its digest; upstream's are letters, digits and underscores.
    private static func safe(_ id: String) throws(OpenSSLError) -> String {
        let isPlain = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if isPlain, (1...256).contains(id.utf8.count) { return id }
        let digest = try SHA256.digest(of: Array(id.utf8))
        return "call_" + Base32Text.characters(of: digest)
    }
}
