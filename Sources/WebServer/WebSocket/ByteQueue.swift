/// Bytes that wait to be sent; appended at the end, taken from the front.
///
/// Not bounded itself: who appends asks ``count`` first. An empty queue keeps no memory, since most
/// connections are idle at most times.
struct ByteQueue {
    /// From so many bytes on, what was taken is given back while others wait.
    private static let compactingFromBytes = 16 * 1_024

    private var storage: [UInt8] = []
    private var start = 0

    var count: Int { storage.count - start }
    var isEmpty: Bool { count == 0 }
    /// How many bytes it keeps, those included that were taken and not given back yet.
    var heldCount: Int { storage.count }

    /// Puts a frame at the end, masked if its header says so.
    mutating func append(_ header: FrameHeader, _ payload: [UInt8]) {
        let needed = storage.count + FrameHeader.maximumCount + payload.count
        // At least doubled, so that a long queue stays linear.
        if needed > storage.capacity {
            storage.reserveCapacity(max(needed, storage.count * 2))
        }
        header.write { storage.append($0) }
        let place = storage.count
        storage.append(contentsOf: payload)
        guard let mask = header.mask else { return }
        storage.withUnsafeMutableBytes {
            mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: $0[place...]), at: 0)
        }
    }

    /// Puts bytes at the end; an empty queue shares them with whoever else has them.
    mutating func append(shared bytes: [UInt8]) {
        if storage.isEmpty {
            storage = bytes
        } else {
            storage.append(contentsOf: bytes)
        }
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    mutating func removeFirst(_ count: Int) {
        start += count
        if start == storage.count {
            start = 0
            storage = []
        } else if start >= Self.compactingFromBytes, start * 2 > storage.count {
            // Copies no more than was taken since the last time, so that a long queue stays linear;
            // a copy, because an array from which something is removed keeps its room.
            storage = Array(storage[start...])
            start = 0
        }
    }

    /// Everything, for tests and for transports that take arrays.
    mutating func removeAll() -> [UInt8] {
        defer { removeFirst(count) }
        return Array(storage[start...])
    }
}
