@testable import WebServer

/// The messages of permessage-deflate, and how it is agreed on.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: bytes, count: count)
    guard let first = input.first else { return 0 }
    let rest = UnsafeBufferPointer(rebasing: input.dropFirst())
    switch first % 3 {
    case 0: inflate(rest)
    case 1: deflate(Array(rest), windowBits: 9 + Int32(first) % 7)
    default: negotiate(String(decoding: rest, as: UTF8.self))
    }
    return 0
}

/// What inflates stays within its bound, and comes back when deflated.
private func inflate(_ bytes: UnsafeBufferPointer<UInt8>) {
    let limit = 100_000
    guard let message = try? MessageDeflate.inflated(bytes, limit: limit) else { return }
    precondition(message.count <= limit)
    deflate(message, windowBits: 15)
    do throws(MessageDeflate.Failure) {
        // The bound is exact.
        _ = try MessageDeflate.inflated(bytes, limit: message.count)
        guard !message.isEmpty else { return }
        _ = try MessageDeflate.inflated(bytes, limit: message.count - 1)
        preconditionFailure("a message is longer than its bound")
    } catch {
        precondition(error == .tooLong)
    }
}

private func deflate(_ message: [UInt8], windowBits: Int32) {
    guard let deflated = MessageDeflate.deflated(message, windowBits: windowBits) else { return }
    precondition(deflated.count < message.count)
    let inflated = deflated.withUnsafeBufferPointer {
        try? MessageDeflate.inflated($0, limit: message.count)
    }
    precondition(inflated == message)
}

/// Whatever is offered, what we make of it is an answer to it.
private func negotiate(_ offers: String) {
    _ = WebSocketDeflate(answer: ["Sec-WebSocket-Extensions": offers])
    guard let agreed = WebSocketDeflate(offers: ["Sec-WebSocket-Extensions": offers]) else {
        return
    }
    precondition((9...15).contains(agreed.serverWindowBits))
    precondition(WebSocketDeflate(answer: ["Sec-WebSocket-Extensions": agreed.answer]) == agreed)
}
