internal import COpenSSL
internal import CWslay

/// What wslay's callbacks read from and write to, on behalf of one ``WebSocketFraming``.
final class WebSocketFramingBuffers {
    var input = UnsafeRawBufferPointer(start: nil, count: 0)
    var output = ByteQueue()
    /// The payload of a close frame as far as it has come; nil before one starts.
    private(set) var closePayload: [UInt8]?
    private var events: [WebSocketFraming.Event] = []
    private var isInCloseFrame = false
    /// The most that a message may inflate to; nil when compression was not agreed on.
    var inflationLimit: Int?
    /// Why a compressed message cannot be taken; nothing is read behind it.
    private(set) var failure: WebSocketCloseCode?

    static let callbacks = wslay_event_callbacks(
        recv_callback: readInput,
        send_callback: writeOutput,
        genmask_callback: makeMask,
        on_frame_recv_start_callback: frameStarted,
        on_frame_recv_chunk_callback: frameContinued,
        on_frame_recv_end_callback: nil,
        on_msg_recv_callback: messageReceived
    )

    func takeEvents() -> [WebSocketFraming.Event] {
        defer { events = [] }
        return events
    }

    fileprivate func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(target.count, input.count)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }

    fileprivate func startFrame(opcode: UInt8) {
        isInCloseFrame = UInt32(opcode) == WSLAY_CONNECTION_CLOSE.rawValue
        if isInCloseFrame { closePayload = [] }
    }

    fileprivate func continueFrame(_ bytes: UnsafeBufferPointer<UInt8>) {
        if isInCloseFrame { closePayload?.append(contentsOf: bytes) }
    }

    /// Takes a whole message; false when it cannot be taken.
    fileprivate func receive(_ message: wslay_event_on_msg_recv_arg) -> Bool {
        let payload = UnsafeBufferPointer(start: message.msg, count: message.msg_length)
        guard message.rsv & CWslay_compressedBit == 0 else {
            return receiveCompressed(message, payload)
        }
        let bytes = Array(payload)
        switch UInt32(message.opcode) {
        case WSLAY_TEXT_FRAME.rawValue: events.append(.message(.text(bytes)))
        case WSLAY_BINARY_FRAME.rawValue: events.append(.message(.binary(bytes)))
        case WSLAY_PONG.rawValue: events.append(.pong)
        // wslay takes half a code for none (RFC 6455, 5.5.1).
        case WSLAY_CONNECTION_CLOSE.rawValue where bytes.count == 1:
            events.append(.failed(.protocolError))
        case WSLAY_CONNECTION_CLOSE.rawValue:
            let code: WebSocketCloseCode =
                message.status_code == 0
                ? .noStatus : WebSocketCloseCode(rawValue: message.status_code)
            let reason = String(decoding: bytes.dropFirst(2), as: UTF8.self)
            events.append(.closed(code, reason: reason))
        // A ping; wslay answers it by itself.
        default: break
        }
        return true
    }

    /// wslay lets the bit through on messages of data only, and leaves all else about it to us.
    private func receiveCompressed(
        _ message: wslay_event_on_msg_recv_arg,
        _ payload: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        do throws(MessageDeflate.Failure) {
            let bytes = try MessageDeflate.inflated(payload, limit: inflationLimit ?? 0)
            let isText = UInt32(message.opcode) == WSLAY_TEXT_FRAME.rawValue
            if isText, String(validating: bytes, as: UTF8.self) == nil { throw .damaged }
            events.append(.message(isText ? .text(bytes) : .binary(bytes)))
            return true
        } catch {
            failure = error == .tooLong ? .messageTooBig : .invalidPayload
            return false
        }
    }
}

private func buffers(_ owner: UnsafeMutableRawPointer?) -> WebSocketFramingBuffers? {
    // Kept alive by the framing that owns the wslay context of this call.
    owner.map { Unmanaged<WebSocketFramingBuffers>.fromOpaque($0).takeUnretainedValue() }
}

/// `wslay_event_recv_callback`: -1 with `WSLAY_ERR_WOULDBLOCK` when all input is taken.
private func readInput(
    context: wslay_event_context_ptr?,
    target: UnsafeMutablePointer<UInt8>?,
    length: Int,
    flags: Int32,
    owner: UnsafeMutableRawPointer?
) -> Int {
    let space = UnsafeMutableRawBufferPointer(start: target, count: length)
    guard let count = buffers(owner)?.read(into: space), count > 0 else {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK.rawValue)
        return -1
    }
    return count
}

/// `wslay_event_send_callback`: takes everything.
private func writeOutput(
    context: wslay_event_context_ptr?,
    data: UnsafePointer<UInt8>?,
    length: Int,
    flags: Int32,
    owner: UnsafeMutableRawPointer?
) -> Int {
    buffers(owner)?.output.append(UnsafeBufferPointer(start: data, count: length))
    return length
}

/// `wslay_event_genmask_callback`: unpredictable, as RFC 6455, 5.3 wants it.
private func makeMask(
    context: wslay_event_context_ptr?,
    target: UnsafeMutablePointer<UInt8>?,
    length: Int,
    owner: UnsafeMutableRawPointer?
) -> Int32 {
    RAND_bytes(target, Int32(length)) == 1 ? 0 : -1
}

/// `wslay_event_on_frame_recv_start_callback`.
private func frameStarted(
    context: wslay_event_context_ptr?,
    frame: UnsafePointer<wslay_event_on_frame_recv_start_arg>?,
    owner: UnsafeMutableRawPointer?
) {
    guard let frame else { return }
    buffers(owner)?.startFrame(opcode: frame.pointee.opcode)
}

/// `wslay_event_on_frame_recv_chunk_callback`.
private func frameContinued(
    context: wslay_event_context_ptr?,
    chunk: UnsafePointer<wslay_event_on_frame_recv_chunk_arg>?,
    owner: UnsafeMutableRawPointer?
) {
    guard let chunk = chunk?.pointee else { return }
    buffers(owner)?.continueFrame(
        UnsafeBufferPointer(start: chunk.data, count: chunk.data_length)
    )
}

/// `wslay_event_on_msg_recv_callback`: a whole message, of data or of control.
private func messageReceived(
    context: wslay_event_context_ptr?,
    message: UnsafePointer<wslay_event_on_msg_recv_arg>?,
    owner: UnsafeMutableRawPointer?
) {
    guard let message = message?.pointee, let buffers = buffers(owner) else { return }
    if !buffers.receive(message) { wslay_event_shutdown_read(context) }
}
