import Testing

@testable import WebServer

struct ResponseStreamTests {
    @Test func `what the client has taken is not kept while more waits`() {
        let stream = ResponseStream(onCancel: {})
        var target = [UInt8](repeating: 0, count: 16_384)
        stream.offer([UInt8](repeating: 255, count: 16_384))
        for round in 0..<200 {
            stream.offer([UInt8](repeating: UInt8(round), count: 16_384))
            let piece = target.withUnsafeMutableBytes { stream.read(into: $0) { {} } }
            guard case .bytes(16_384) = piece else {
                Issue.record("\(piece)")
                return
            }
            let expected = round == 0 ? 255 : UInt8(round - 1)
            #expect(target.allSatisfy { $0 == expected })
            #expect(stream.pendingBytes == 16_384)
            #expect(stream.heldBytes <= 64 * 1_024)
        }
    }
}
