internal import JSON

/// A short-lived key for one browser; prints as `<redacted>`.
struct ClientSecret: Sendable, RedactedWhenPrinted {
    /// The secret itself, for the answer to whoever asked for it.
    let plaintext: String
}

/// What upstream answers when it mints a client secret.
struct MintedSecret: Sendable {
    /// The secret.
    let value: ClientSecret
    /// When it can no longer open a session, in Unix seconds.
    let expiresAt: Int64
    /// The whole effective session with upstream's defaults; empty where upstream tells none.
    let session: JSONObject

    /// Reads an answer of `POST /realtime/client_secrets`; nil when it is not one.
    init?(_ answer: JSONValue) {
        guard let value = answer["value"]?.stringValue, !value.isEmpty,
            let expiresAt = answer["expires_at"]?.integerValue
        else { return nil }
        self.value = ClientSecret(plaintext: value)
        self.expiresAt = expiresAt
        session = answer["session"]?.objectValue ?? JSONObject()
    }
}
