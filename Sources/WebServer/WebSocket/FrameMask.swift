internal import COpenSSL

/// The key that a client masks a frame with (RFC 6455, 5.3).
struct FrameMask: Equatable {
    /// The first byte is the lowest.
    private let key: UInt32

    static let byteCount = 4

    init(key: UInt32) {
        self.key = key
    }

    /// Reads the key of a header.
    init(_ bytes: UnsafeRawBufferPointer, at place: Int) {
        key = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
    }

    /// Tells the key byte by byte.
    func write(_ put: (UInt8) -> Void) {
        for shift in [0, 8, 16, 24] as [UInt32] { put(UInt8(truncatingIfNeeded: key >> shift)) }
    }

    /// Masks or unmasks a piece of a frame, eight bytes at a time.
    ///
    /// - Parameters:
    ///   - piece: The piece, which is changed.
    ///   - offset: Where in the frame's payload it begins.
    func apply(to piece: UnsafeMutableRawBufferPointer, at offset: Int) {
        guard let base = piece.baseAddress else { return }
        let turn = UInt32(offset & 3) * 8
        let turned = key >> turn | key << (32 - turn)
        let word = (UInt64(turned) << 32 | UInt64(turned)).littleEndian
        let wordsEnd = piece.count & ~7
        for place in stride(from: 0, to: wordsEnd, by: 8) {
            let masked = base.loadUnaligned(fromByteOffset: place, as: UInt64.self) ^ word
            base.storeBytes(of: masked, toByteOffset: place, as: UInt64.self)
        }
        for place in wordsEnd..<piece.count {
            piece[place] ^= UInt8(truncatingIfNeeded: turned >> (UInt32(place & 3) * 8))
        }
    }
}

/// Masks that nobody can foretell (RFC 6455, 10.3), made a few dozen at a time.
struct FrameMasks {
    private var keys: [UInt32] = []

    private static let count = 32

    /// A mask for one frame.
    mutating func next() -> FrameMask {
        if keys.isEmpty { keys = Self.random() }
        return FrameMask(key: keys.removeLast())
    }

    private static func random() -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            precondition(RAND_bytes(start, Int32(bytes.count)) == 1, "RAND_bytes failed")
            initializedCount = count
        }
    }
}
