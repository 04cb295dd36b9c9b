internal import COpenSSL

/// A call of OpenSSL that failed.
///
/// Its text is for the log alone: OpenSSL's messages name its own source, never key material.
struct OpenSSLError: Error, CustomStringConvertible {
    /// What was being done, for example `AES-GCM seal`.
    let operation: String
    /// OpenSSL's packed error code, 0 when it gave none.
    let code: UInt
    /// OpenSSL's text for the code.
    let reason: String

    /// Takes the newest error off this thread's queue and empties the queue.
    ///
    /// Call it right behind the call that failed: any other call of OpenSSL may change the queue
    /// (ERR_get_error(3)).
    static func last(in operation: String) -> OpenSSLError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0 else {
            return OpenSSLError(operation: operation, code: 0, reason: "no reason given")
        }
        let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress else { return "" }
            ERR_error_string_n(code, base, buffer.count)
            return String(cString: base)
        }
        return OpenSSLError(operation: operation, code: UInt(code), reason: reason)
    }

    /// The operation and OpenSSL's reason.
    var description: String { "\(operation) failed: \(reason)" }
}
