internal import CWslay

/// The frames of one WebSocket, in and out, over buffers instead of a socket (RFC 6455, 5).
///
/// wslay does the work: it joins fragments, checks UTF-8 and masks, answers pings and closes, and
/// refuses what breaks the protocol. https://tatsuhiro-t.github.io/wslay/
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

    /// wslay's `wslay_event_context_ptr`, freed in `deinit`.
    private let context: OpaquePointer
    /// What wslay's callbacks work on; wslay has it unretained, this property keeps it alive.
    private let buffers = WebSocketFramingBuffers()
    private var gate = CloseFrameGate()
    private var isReading = true
    private let deflate: WebSocketDeflate?
    private let compressesFromBytes: Int
    private let windowBits: Int32

    /// The bytes to send next.
    var output: ByteQueue {
        _read { yield buffers.output }
        _modify { yield &buffers.output }
    }

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
        self.deflate = deflate
        self.compressesFromBytes = compressesFromBytes ?? .max
        // A server keeps to the window that was agreed on, a client's was never limited.
        windowBits = role == .server ? deflate?.serverWindowBits ?? 15 : 15
        var callbacks = WebSocketFramingBuffers.callbacks
        let owner = Unmanaged.passUnretained(buffers).toOpaque()
        var made: OpaquePointer?
        let status =
            role == .server
            ? wslay_event_context_server_init(&made, &callbacks, owner)
            : wslay_event_context_client_init(&made, &callbacks, owner)
        guard status == 0, let made else { fatalError("wslay: out of memory") }
        context = made
        wslay_event_config_set_max_recv_msg_length(made, UInt64(maximumMessageBytes))
        if deflate != nil {
            wslay_event_config_set_allowed_rsv_bits(made, CWslay_compressedBit)
            buffers.inflationLimit = maximumMessageBytes
        }
    }

    deinit {
        wslay_event_context_free(context)
    }

    /// Whether a close frame was put into the output.
    public var isCloseSent: Bool { wslay_event_get_close_sent(context) != 0 }

    /// Takes bytes from the peer and says what they amounted to; ignores those behind the end.
    public func receive(_ bytes: UnsafeRawBufferPointer) -> [Event] {
        guard isReading else { return [] }
        let status = gate.pass(bytes) { bytes in
            buffers.input = bytes
            return wslay_event_recv(context)
        }
        buffers.input = UnsafeRawBufferPointer(start: nil, count: 0)
        flush()
        var events = buffers.takeEvents()
        guard status != 0 || wslay_event_get_read_enabled(context) == 0 else { return events }
        isReading = false
        if let code = buffers.failure {
            close(code)
            return events + [.failed(code)]
        }
        if wslay_event_get_close_received(context) == 0 { events.append(failure()) }
        return events
    }

    /// Puts a message into the output as one frame.
    ///
    /// - Returns: False when a close frame went out already, so that nothing may follow.
    @discardableResult
    public func send(_ message: WebSocketMessage) -> Bool {
        switch message {
        case .text(let bytes): queueData(UInt8(WSLAY_TEXT_FRAME.rawValue), bytes)
        case .binary(let bytes): queueData(UInt8(WSLAY_BINARY_FRAME.rawValue), bytes)
        }
    }

    /// Puts a ping into the output; `payload` has at most 125 bytes.
    @discardableResult
    public func ping(_ payload: [UInt8]) -> Bool {
        queue(UInt8(WSLAY_PING.rawValue), payload)
    }

    /// Puts a close frame into the output; nothing may be sent behind it.
    ///
    /// - Parameters:
    ///   - code: The code; one that may not be sent makes a frame without code.
    ///   - reason: Cut to 123 bytes, at the end of a character.
    /// - Returns: False when a close frame went out already.
    @discardableResult
    public func close(_ code: WebSocketCloseCode, reason: String = "") -> Bool {
        let text = Array(Self.cut(reason, toBytes: 123).utf8)
        let number = code.isSendable ? code.rawValue : 0
        guard wslay_event_queue_close(context, number, text, text.count) == 0 else { return false }
        flush()
        return true
    }

    // MARK: Inside

    /// Queues a message compressed where that was agreed on and helps.
    private func queueData(_ opcode: UInt8, _ bytes: [UInt8]) -> Bool {
        guard deflate != nil, bytes.count >= compressesFromBytes,
            let deflated = MessageDeflate.deflated(bytes, windowBits: windowBits)
        else { return queue(opcode, bytes) }
        return queue(opcode, deflated, reservedBits: CWslay_compressedBit)
    }

    private func queue(_ opcode: UInt8, _ bytes: [UInt8], reservedBits: UInt8 = 0) -> Bool {
        let status = bytes.withUnsafeBufferPointer { buffer in
            var message = wslay_event_msg(
                opcode: opcode,
                msg: buffer.baseAddress,
                msg_length: buffer.count
            )
            return wslay_event_queue_msg_ex(context, &message, reservedBits)
        }
        guard status == 0 else { return false }
        flush()
        return true
    }

    /// Moves what wslay has queued into the output, which takes everything.
    private func flush() {
        guard wslay_event_want_write(context) != 0 else { return }
        wslay_event_send(context)
    }

    /// What the peer did wrong, or a close with a code that is newer than wslay.
    private func failure() -> Event {
        // wslay refuses 1012 to 1014, which IANA has registered since.
        if let payload = buffers.closePayload, payload.count >= 2 {
            let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
            if (1_012...1_014).contains(code) {
                let reason = String(decoding: payload.dropFirst(2), as: UTF8.self)
                return .closed(WebSocketCloseCode(rawValue: code), reason: reason)
            }
        }
        let code = WebSocketCloseCode(rawValue: wslay_event_get_status_code_sent(context))
        // For a malformed control frame wslay's close frame has no code.
        return .failed(code.isSendable ? code : .protocolError)
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
