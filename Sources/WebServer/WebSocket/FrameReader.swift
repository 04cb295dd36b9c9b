/// Makes messages of the frames that one peer sends (RFC 6455, 5.4 to 5.6, and 7).
///
/// Pure, and bounded by the longest message: what a header promises is not believed until it comes.
struct FrameReader {
    /// What a peer sent.
    enum Received: Equatable {
        case message(WebSocketMessage)
        case ping([UInt8])
        case pong
        case close(WebSocketCloseCode, reason: String)
        /// A rule is broken; nothing is to be read behind it.
        case violation(WebSocketCloseCode)
    }

    private let rules: FrameHeader.Rules
    private let maximumMessageBytes: Int
    /// The beginning of a header that was cut; empty but for that.
    private var cutHeader: [UInt8] = []
    /// The frame at hand, and how much of it has come.
    private var frame: FrameHeader?
    private var frameCount = 0

    /// The first frame of the message at hand.
    private var messageStart: FrameHeader?
    private var message: [UInt8] = []
    private var textCheck = UTF8Check()
    private var control: [UInt8] = []

    /// A message is given its whole room at once up to this; longer ones grow as they come.
    private static let firstRoomBytes = 65_536

    init(_ rules: FrameHeader.Rules, maximumMessageBytes: Int) {
        self.rules = rules
        self.maximumMessageBytes = maximumMessageBytes
    }

    /// Takes the next frame off the input, and says what it completes; nil when that is used up.
    mutating func next(_ input: inout UnsafeRawBufferPointer) -> Received? {
        while true {
            if frame == nil {
                switch readHeader(&input) {
                case .incomplete: return nil
                case .damaged: return .violation(.protocolError)
                case .whole(let header, _): if let code = begin(header) { return .violation(code) }
                }
            }
            guard let frame else { return nil }
            let count = min(frame.length - frameCount, input.count)
            let piece = UnsafeRawBufferPointer(rebasing: input[..<count])
            input = UnsafeRawBufferPointer(rebasing: input[count...])
            let isWhole = frameCount + count == frame.length
            guard take(piece, of: frame, isWhole: isWhole) else {
                return .violation(.invalidPayload)
            }
            frameCount += count
            guard isWhole else { return nil }
            self.frame = nil
            if let received = end(frame) { return received }
        }
    }

    // MARK: A frame

    private mutating func readHeader(_ input: inout UnsafeRawBufferPointer) -> FrameHeader.Reading {
        guard cutHeader.isEmpty else { return readCutHeader(&input) }
        let reading = FrameHeader.read(input, by: rules)
        switch reading {
        case .whole(_, let count):
            input = UnsafeRawBufferPointer(rebasing: input[count...])
        case .incomplete:
            cutHeader = Array(input)
            input = UnsafeRawBufferPointer(rebasing: input[input.count...])
        case .damaged: break
        }
        return reading
    }

    private mutating func readCutHeader(
        _ input: inout UnsafeRawBufferPointer
    ) -> FrameHeader.Reading {
        while let byte = input.first {
            input = UnsafeRawBufferPointer(rebasing: input[1...])
            cutHeader.append(byte)
            let reading = cutHeader.withUnsafeBytes { FrameHeader.read($0, by: rules) }
            guard reading == .incomplete else {
                cutHeader = []
                return reading
            }
        }
        return .incomplete
    }

    /// Begins a frame, unless it may not stand here.
    private mutating func begin(_ header: FrameHeader) -> WebSocketCloseCode? {
        switch header.opcode {
        case .text, .binary:
            guard messageStart == nil else { return .protocolError }
            guard header.length <= maximumMessageBytes else { return .messageTooBig }
            messageStart = header
            message.reserveCapacity(min(header.length, Self.firstRoomBytes))
        case .continuation:
            guard messageStart != nil else { return .protocolError }
            guard header.length <= maximumMessageBytes - message.count else {
                return .messageTooBig
            }
        case .close, .ping, .pong: break
        }
        frame = header
        frameCount = 0
        return nil
    }

    /// Takes a piece of a frame; false when it cannot be text.
    private mutating func take(
        _ piece: UnsafeRawBufferPointer,
        of frame: FrameHeader,
        isWhole: Bool
    ) -> Bool {
        guard !frame.opcode.isControl else {
            Self.append(piece, to: &control, frame.mask, at: frameCount)
            return true
        }
        Self.append(piece, to: &message, frame.mask, at: frameCount)
        guard let start = messageStart, start.opcode == .text, !start.isCompressed else {
            return true
        }
        return textCheck.check(message, isWhole: isWhole && frame.isFinal)
    }

    private static func append(
        _ piece: UnsafeRawBufferPointer,
        to bytes: inout [UInt8],
        _ mask: FrameMask?,
        at offset: Int
    ) {
        let start = bytes.count
        bytes.append(contentsOf: piece.bindMemory(to: UInt8.self))
        guard let mask else { return }
        bytes.withUnsafeMutableBytes {
            mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: $0[start...]), at: offset)
        }
    }

    // MARK: What it completes

    private mutating func end(_ frame: FrameHeader) -> Received? {
        switch frame.opcode {
        case .text, .binary, .continuation: return frame.isFinal ? endMessage() : nil
        case .close: return Self.close(takeControl())
        case .ping: return .ping(takeControl())
        case .pong:
            control = []
            return .pong
        }
    }

    private mutating func takeControl() -> [UInt8] {
        defer { control = [] }
        return control
    }

    private mutating func endMessage() -> Received? {
        guard let start = messageStart else { return nil }
        defer {
            messageStart = nil
            message = []
            textCheck = UTF8Check()
        }
        let isText = start.opcode == .text
        guard start.isCompressed else {
            return .message(isText ? .text(message) : .binary(message))
        }
        do throws(MessageDeflate.Failure) {
            let limit = maximumMessageBytes
            let bytes = try message.withUnsafeBufferPointer {
                deflated throws(MessageDeflate.Failure) in
                try MessageDeflate.inflated(deflated, limit: limit)
            }
            if isText, !textCheck.check(bytes, isWhole: true) { throw .damaged }
            return .message(isText ? .text(bytes) : .binary(bytes))
        } catch {
            return .violation(error == .tooLong ? .messageTooBig : .invalidPayload)
        }
    }

    /// Judges a close frame (5.5.1 and 7.4).
    private static func close(_ payload: [UInt8]) -> Received {
        guard !payload.isEmpty else { return .close(.noStatus, reason: "") }
        guard payload.count > 1 else { return .violation(.protocolError) }
        let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isSendable else { return .violation(.protocolError) }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            return .violation(.invalidPayload)
        }
        return .close(code, reason: reason)
    }
}
