internal import Synchronization

/// Makes request ids: unique in a log over restarts, and cheap.
struct RequestIDGenerator: ~Copyable, Sendable {
    private let prefix = "req_" + String(UInt64.random(in: .min ... .max), radix: 36)
    private let counter = Atomic<UInt64>(0)

    func next() -> String {
        let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
        return "\(prefix)_\(String(number, radix: 36))"
    }
}
