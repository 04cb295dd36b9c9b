internal import Locking

/// The ephemeral keys that were minted, each with the session it is bound to.
///
/// Holds a limited number of keys: minting more forgets the oldest, which then reads as unknown.
final class KeyStore: Sendable {
    struct Key: Sendable {
        let session: SessionConfiguration
        /// Unix seconds.
        let expiresAt: Int64
    }

    private let limit: Int
    private struct State {
        var keys: [String: Key] = [:]
        /// A ring of the keys in order of their minting.
        var ring: [String] = []
        var oldest = 0
    }

    private let state = Mutex(State())

    init(limit: Int = 100_000) {
        self.limit = limit
    }

    /// Mints a key; its value is unpredictable.
    func mint(_ key: Key) -> String {
        let value = Self.randomValue()
        state.withLock { state in
            if state.ring.count < limit {
                state.ring.append(value)
            } else {
                state.keys[state.ring[state.oldest]] = nil
                state.ring[state.oldest] = value
                state.oldest = (state.oldest + 1) % limit
            }
            state.keys[value] = key
        }
        return value
    }

    /// A key that is known and not expired.
    func find(_ value: String, at unixSeconds: Int64) -> Key? {
        state.withLock { $0.keys[value] }.flatMap { $0.expiresAt > unixSeconds ? $0 : nil }
    }

    private static func randomValue() -> String {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
        var generator = SystemRandomNumberGenerator()
        var bytes = Array("ek_".utf8)
        var pool: UInt64 = 0
        for index in 0..<32 {
            if index % 11 == 0 { pool = generator.next() }
            bytes.append(alphabet[Int(pool % 36)])
            pool /= 36
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
