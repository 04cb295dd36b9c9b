internal import WebServer

/// How an upstream session ended without our doing.
struct UpstreamLoss: Error, Equatable, CustomStringConvertible {
    let closure: WebSocketClosure
    /// The code of the error that upstream sent before.
    let lastErrorCode: String?

    init(_ closure: WebSocketClosure, lastErrorCode: String?) {
        self.closure = closure
        self.lastErrorCode = lastErrorCode
    }

    /// Whether another upstream session would fare the same: its key, its model or its settings are
    /// wrong (reference, 10.3), or it was ended on purpose.
    var isFinal: Bool {
        switch closure.code.rawValue {
        case 1_000, 1_002, 1_003, 1_007...1_010, 3_000...4_999: true
        default: false
        }
    }

    var description: String {
        "upstream closed with \(closure.code.rawValue) \(closure.reason) after \(lastErrorCode ?? "no error")"
    }
}
