/// One whole message of data (RFC 6455, 5.6).
public enum WebSocketMessage: Sendable, Equatable {
    /// Text as UTF-8; what was received is valid, what is sent must be.
    case text([UInt8])
    /// Any bytes.
    case binary([UInt8])

    /// A text message of a string.
    public static func text(_ string: String) -> WebSocketMessage {
        .text(Array(string.utf8))
    }

    /// The payload.
    public var bytes: [UInt8] {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        }
    }
}

/// A message with its frame around it, made once and sent to many by a server; never compressed.
public struct WebSocketFrame: Sendable {
    let bytes: [UInt8]

    /// Frames a text, which must be UTF-8.
    public init(text payload: [UInt8]) {
        let header = FrameHeader(
            opcode: .text,
            isFinal: true,
            isCompressed: false,
            length: payload.count,
            mask: nil
        )
        var bytes: [UInt8] = []
        bytes.reserveCapacity(FrameHeader.maximumCount + payload.count)
        header.write { bytes.append($0) }
        bytes += payload
        self.bytes = bytes
    }
}

/// Why a WebSocket ended, as a number (RFC 6455, 7.4, and IANA's registry).
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable,
    ExpressibleByIntegerLiteral
{
    /// The number.
    public let rawValue: UInt16

    /// Any number, valid on the wire or not.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Any number, valid on the wire or not.
    public init(integerLiteral value: UInt16) {
        rawValue = value
    }

    /// 1000: the purpose is fulfilled.
    public static let normal: WebSocketCloseCode = 1_000
    /// 1001: the server goes down, or the page was left.
    public static let goingAway: WebSocketCloseCode = 1_001
    /// 1002: the peer broke the protocol.
    public static let protocolError: WebSocketCloseCode = 1_002
    /// 1003: a type of data that is not accepted.
    public static let unsupportedData: WebSocketCloseCode = 1_003
    /// 1005: the peer's close frame had no code; never on the wire.
    public static let noStatus: WebSocketCloseCode = 1_005
    /// 1006: the connection broke without a close frame; never on the wire.
    public static let abnormal: WebSocketCloseCode = 1_006
    /// 1007: a text message is not UTF-8.
    public static let invalidPayload: WebSocketCloseCode = 1_007
    /// 1008: a rule of the application was broken.
    public static let policyViolation: WebSocketCloseCode = 1_008
    /// 1009: a message is too long.
    public static let messageTooBig: WebSocketCloseCode = 1_009
    /// 1011: a failure of the server's.
    public static let internalError: WebSocketCloseCode = 1_011
    /// 1013: too much at once; trying again later helps.
    public static let tryAgainLater: WebSocketCloseCode = 1_013

    /// Whether the code may stand in a close frame; 1005, 1006 and 1015 may not.
    public var isSendable: Bool {
        switch rawValue {
        case 1_000...1_003, 1_007...1_014, 3_000...4_999: true
        default: false
        }
    }
}

/// How a WebSocket ended.
public struct WebSocketClosure: Sendable, Equatable {
    /// The code of the first close frame; 1005 when it had none, 1006 when there was no frame.
    public let code: WebSocketCloseCode
    /// The reason of the first close frame; at most 123 bytes.
    public let reason: String
    /// Whether the peer began.
    public let isByPeer: Bool

    /// Makes a closure from its parts.
    public init(code: WebSocketCloseCode, reason: String = "", isByPeer: Bool) {
        self.code = code
        self.reason = reason
        self.isByPeer = isByPeer
    }
}
