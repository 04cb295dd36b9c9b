internal import JSON
internal import Locking

/// The ephemeral keys that were minted, each with the session it is bound to.
///
/// Bounded by the size of what they are bound to: minting more forgets the oldest keys, which then
/// read as unknown.
final class KeyStore: Sendable {
    struct Key: Sendable {
        let session: SessionConfiguration
        /// Unix seconds.
        let expiresAt: Int64
    }

    fileprivate struct State {
        var keys: [String: Key] = [:]
        /// The keys in order of their minting, those before `oldest` being forgotten.
        var order: [String] = []
        var oldest = 0
        var bytes = 0
    }

    private let limitBytes: Int
    private let state = Mutex(State())

    init(limitBytes: Int = 64 * 1_024 * 1_024) {
        self.limitBytes = limitBytes
    }

    /// Mints a key; its value is unpredictable.
    func mint(_ key: Key) -> String {
        let value = Self.randomValue()
        state.withLock { state in
            state.keys[value] = key
            state.order.append(value)
            state.bytes += key.estimatedBytes
            while state.bytes > limitBytes, state.order.count - state.oldest > 1 {
                state.forgetOldest()
            }
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

extension KeyStore.Key {
    /// About what a key takes: its texts, and a kilobyte for all else.
    fileprivate var estimatedBytes: Int {
        session.tools.reduce(1_024 + session.instructions.utf8.count) { sum, tool in
            sum + 512 + tool.description.utf8.count + 128 * tool.parameters.members.count
        }
    }
}

extension KeyStore.State {
    fileprivate mutating func forgetOldest() {
        bytes -= keys.removeValue(forKey: order[oldest])?.estimatedBytes ?? 0
        oldest += 1
        if oldest > 1_024, oldest * 2 > order.count {
            order.removeSubrange(..<oldest)
            oldest = 0
        }
    }
}
