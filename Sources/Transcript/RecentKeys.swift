/// Keys in the order in which they came, up to a bound.
struct RecentKeys: Sendable {
    private var keys: [String] = []
    private var head = 0

    /// How many there are.
    var count: Int { keys.count - head }

    /// Adds a key that is not there yet.
    mutating func append(_ key: String) {
        keys.append(key)
    }

    /// The oldest key, taken out.
    mutating func removeFirst() -> String? {
        guard head < keys.count else { return nil }
        defer {
            head += 1
            // Moved only when half of it is gone, so that one removal costs little.
            if head > 64 && head * 2 > keys.count {
                keys.removeFirst(head)
                head = 0
            }
        }
        return keys[head]
    }
}

/// A set of keys that forgets the oldest beyond a bound.
struct RecentSet: Sendable {
    private let limit: Int
    private var order = RecentKeys()
    private var keys: Set<String> = []

    /// An empty set that keeps so many keys.
    init(limit: Int) {
        self.limit = limit
    }

    /// Adds a key; false if it was there.
    mutating func insert(_ key: String) -> Bool {
        guard keys.insert(key).inserted else { return false }
        order.append(key)
        if order.count > limit, let oldest = order.removeFirst() { keys.remove(oldest) }
        return true
    }

    /// Whether a key is there.
    func contains(_ key: String) -> Bool {
        keys.contains(key)
    }
}
