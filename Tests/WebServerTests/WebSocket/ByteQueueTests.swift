import Testing

@testable import WebServer

struct ByteQueueTests {
    @Test func `a queue that never gets empty keeps little more than what waits`() {
        var queue = ByteQueue()
        var (put, taken): (UInt8, UInt8) = (0, 0)
        for round in 0..<1_000 {
            queue.append(shared: [UInt8](repeating: put, count: 4_096))
            put &+= 1
            guard round > 1 else { continue }
            #expect(queue.withUnsafeBytes { $0[0] == taken && $0[4_095] == taken })
            queue.removeFirst(4_096)
            taken &+= 1
            #expect(queue.count == 8_192)
            #expect(queue.heldCount <= 32 * 1_024)
        }
    }
}
