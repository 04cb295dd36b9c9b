/// The frames of one WebSocket, in and out, over buffers instead of a socket (RFC 6455, 5).
///
/// It joins fragments, checks UTF-8 and masks, answers pings and closes, and refuses what breaks the
/// protocol. A message is copied once on its way in, and once on its way out.
/// Not thread-safe: whoever owns it calls it on one thread.
public final class WebSocketFraming {
    /// Which end of the connection this is: clients mask what they send, servers do not.
    public enum Role: Sendable {
        case server
        case client
    }

    /// What received bytes amounted to.
    public enum Event: Equatable, Sendable {
        /// A whole message.
        case message(WebSocketMessage)
        /// The peer answered a ping, or sent a pong by itself.
        case pong
        /// The peer's close frame; nothing comes after it. An answer is in the output already.
        case closed(WebSocketCloseCode, reason: String)
        /// The peer broke a rule; a close frame with this code is in the output already.
        case failed(WebSocketCloseCode)
    }

    private let role: Role
    private let deflate: WebSocketDeflate?
    private let compressesFromBytes: Int
    private let windowBits: Int32
    private var reader: FrameReader
    private var masks = FrameMasks()
    private var isReading = true

    /// The bytes to send next.
    var output = ByteQueue()

    /// Whether a close frame was put into the output.
    public private(set) var isCloseSent = false

    /// A peer that sends pings and reads nothing gets no more pongs beyond this.
    private static let pongLimitBytes = 1 << 20

    /// Makes the framing of a connection whose handshake is done.
    ///
    /// - Parameters:
    ///   - role: Which end this is.
    ///   - maximumMessageBytes: A longer message fails the connection with 1009; inflated, too.
    ///   - deflate: The compression that was agreed on.
    ///   - compressesFromBytes: The shortest message that is sent compressed; nil for none.
    public init(
        role: Role,
        maximumMessageBytes: Int,
        deflate: WebSocketDeflate? = nil,
        compressesFromBytes: Int? = nil
    ) {
        self.role = role
        self.deflate = deflate
        self.compressesFromBytes = compressesFromBytes ?? .max
        // A server keeps to the window that was agreed on, a client's was never limited.
        windowBits = role == .server ? deflate?.serverWindowBits ?? 15 : 15
        let rules = FrameHeader.Rules(isMasked: role == .server, mayBeCompressed: deflate != nil)
        reader = FrameReader(rules, maximumMessageBytes: maximumMessageBytes)
    }

    // MARK: Receiving

    /// Takes bytes from the peer and tells what they amount to, one after the other; ignores those
    /// behind the end.
    ///
    /// What `body` sends about an event stands in the output before all that follows from later ones.
    public func receive(_ bytes: UnsafeRawBufferPointer, _ body: (Event) -> Void) {
        var rest = bytes
        while isReading, let received = reader.next(&rest) {
            switch received {
            case .message(let message): body(.message(message))
            case .ping(let payload):
                // 5.5.3 allows to leave some unanswered.
                if output.count <= Self.pongLimitBytes { queue(.pong, payload) }
            case .pong: body(.pong)
            case .close(let code, let reason):
                isReading = false
                close(code, reason: reason)
                body(.closed(code, reason: reason))
            case .violation(let code):
                isReading = false
                close(code)
                body(.failed(code))
            }
        }
    }

    /// Takes bytes as above, and returns all that they amount to.
    public func receive(_ bytes: UnsafeRawBufferPointer) -> [Event] {
        var events: [Event] = []
        receive(bytes) { events.append($0) }
        return events
    }

    // MARK: Sending

    /// Puts a message into the output as one frame, compressed where that was agreed on and helps.
    ///
    /// - Returns: False when a close frame went out already, so that nothing may follow.
    @discardableResult
    public func send(_ message: WebSocketMessage) -> Bool {
        let (opcode, bytes): (FrameHeader.Opcode, [UInt8]) =
            switch message {
            case .text(let bytes): (.text, bytes)
            case .binary(let bytes): (.binary, bytes)
            }
        guard deflate != nil, bytes.count >= compressesFromBytes,
            let deflated = MessageDeflate.deflated(bytes, windowBits: windowBits)
        else { return queue(opcode, bytes) }
        return queue(opcode, deflated, isCompressed: true)
    }

    /// Puts a frame into the output that a server sends to many.
    @discardableResult
    public func send(_ frame: WebSocketFrame) -> Bool {
        precondition(role == .server, "what a client sends is masked anew each time")
        guard !isCloseSent else { return false }
        output.append(shared: frame.bytes)
        return true
    }

    /// Puts a ping into the output; `payload` has at most 125 bytes.
    @discardableResult
    public func ping(_ payload: [UInt8]) -> Bool {
        queue(.ping, payload)
    }

    /// Puts a close frame into the output; nothing may be sent behind it.
    ///
    /// - Parameters:
    ///   - code: The code; one that may not be sent makes a frame without code.
    ///   - reason: Cut to 123 bytes, at the end of a character.
    /// - Returns: False when a close frame went out already.
    @discardableResult
    public func close(_ code: WebSocketCloseCode, reason: String = "") -> Bool {
        var payload: [UInt8] = []
        if code.isSendable {
            payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
            payload += Self.cut(reason, toBytes: 123).utf8
        }
        guard queue(.close, payload) else { return false }
        isCloseSent = true
        return true
    }

    @discardableResult
    private func queue(
        _ opcode: FrameHeader.Opcode,
        _ bytes: [UInt8],
        isCompressed: Bool = false
    ) -> Bool {
        guard !isCloseSent else { return false }
        let header = FrameHeader(
            opcode: opcode,
            isFinal: true,
            isCompressed: isCompressed,
            length: bytes.count,
            mask: role == .client ? masks.next() : nil
        )
        output.append(header, bytes)
        return true
    }

    private static func cut(_ text: String, toBytes limit: Int) -> Substring {
        var end = text.startIndex
        while end < text.endIndex {
            let next = text.index(after: end)
            guard text.utf8.distance(from: text.startIndex, to: next) <= limit else { break }
            end = next
        }
        return text[..<end]
    }
}
