/// Bytes that wait to be sent; appended at the end, taken from the front.
///
/// Not bounded itself: who appends asks ``count`` first.
struct ByteQueue {
    private var storage: [UInt8] = []
    private var start = 0

    /// What an empty queue may keep allocated, so that idle connections stay small.
    private static let keptCapacity = 16 * 1_024

    var count: Int { storage.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        storage.append(contentsOf: bytes)
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    mutating func removeFirst(_ count: Int) {
        start += count
        if start == storage.count {
            start = 0
            storage.removeAll(keepingCapacity: storage.capacity <= Self.keptCapacity)
        } else if start >= 1_024 * 1_024, start * 2 > storage.count {
            // Moves each byte once at most per halving, so that a long queue stays linear.
            storage.removeSubrange(..<start)
            start = 0
        }
    }

    /// Everything, for tests and for transports that take arrays.
    mutating func removeAll() -> [UInt8] {
        defer { removeFirst(count) }
        return Array(storage[start...])
    }
}
