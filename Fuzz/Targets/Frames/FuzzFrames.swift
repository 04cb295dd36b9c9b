@testable import WebServer

/// Frames from a peer, whole and in pieces, with and without compression, to either end.
///
/// The first byte chooses the end and the bounds, the second the size of the pieces.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: bytes, count: count)
    guard input.count > 2 else { return 0 }
    let setting = Setting(input[0])
    let stream = Array(input.dropFirst(2))
    let whole = Conversation(setting)
    whole.receive(stream)
    let pieces = Conversation(setting)
    let size = Int(input[1]) + 1
    for start in stride(from: 0, to: stream.count, by: size) {
        pieces.receive(stream[start..<min(start + size, stream.count)])
    }
    guard pieces.eventsWithoutCode == whole.eventsWithoutCode else {
        fatalError("pieces make a difference: \(pieces.events), and whole: \(whole.events)")
    }
    whole.checkEvents()
    whole.checkOutput()
    return 0
}

private struct Setting {
    let role: WebSocketFraming.Role
    let limit: Int
    let deflate: WebSocketDeflate?
    let compressesFromBytes: Int?

    init(_ byte: UInt8) {
        role = byte & 1 == 0 ? .server : .client
        limit = byte & 2 == 0 ? 70_000 : 300
        let offer: HTTPHeaders = ["Sec-WebSocket-Extensions": WebSocketDeflate.offer]
        deflate = byte & 4 == 0 ? nil : WebSocketDeflate(offers: offer)
        compressesFromBytes = byte & 8 == 0 ? nil : 0
    }

    func framing(_ role: WebSocketFraming.Role, limit: Int) -> WebSocketFraming {
        WebSocketFraming(
            role: role,
            maximumMessageBytes: limit,
            deflate: deflate,
            compressesFromBytes: compressesFromBytes
        )
    }
}

/// One end, which echoes.
private final class Conversation {
    private let setting: Setting
    private let framing: WebSocketFraming
    private var echoed: [WebSocketMessage] = []
    private(set) var events: [WebSocketFraming.Event] = []

    /// The events without the code of a failure: of two rules that a frame breaks, the one that is
    /// found first depends on the pieces.
    var eventsWithoutCode: [WebSocketFraming.Event] {
        events.map { if case .failed = $0 { .failed(.protocolError) } else { $0 } }
    }

    init(_ setting: Setting) {
        self.setting = setting
        framing = setting.framing(setting.role, limit: setting.limit)
    }

    func receive(_ bytes: some Collection<UInt8>) {
        let news = Array(bytes).withUnsafeBytes { framing.receive($0) }
        events += news
        for case .message(let message) in news where framing.send(message) {
            echoed.append(message)
        }
    }

    /// Messages are within bounds, and nothing comes behind the end.
    func checkEvents() {
        for (index, event) in events.enumerated() {
            switch event {
            case .message(.text(let bytes)):
                precondition(bytes.count <= setting.limit)
                precondition(String(validating: bytes, as: UTF8.self) != nil)
            case .message(.binary(let bytes)): precondition(bytes.count <= setting.limit)
            case .pong: break
            case .closed, .failed: precondition(index == events.count - 1)
            }
        }
    }

    /// A peer can read everything that was sent, and gets the messages back as they were.
    func checkOutput() {
        let peer = setting.framing(
            setting.role == .server ? .client : .server,
            limit: setting.limit
        )
        let output = framing.output.removeAll()
        let answers = output.withUnsafeBytes { peer.receive($0) }
        let messages = answers.compactMap { answer -> WebSocketMessage? in
            if case .failed = answer { fatalError("the peer fails: \(answers), after \(events)") }
            if case .message(let message) = answer { return message }
            return nil
        }
        precondition(messages == echoed)
    }
}
