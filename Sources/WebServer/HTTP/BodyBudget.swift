internal import Synchronization

/// The memory that all bodies being received share.
struct BodyBudget: ~Copyable, Sendable {
    private let used = Atomic(0)
    private let limitBytes: Int

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// Takes bytes from the budget; false, and nothing taken, when they do not fit.
    func reserve(_ bytes: Int) -> Bool {
        guard used.wrappingAdd(bytes, ordering: .relaxed).newValue <= limitBytes else {
            used.wrappingSubtract(bytes, ordering: .relaxed)
            return false
        }
        return true
    }

    func release(_ bytes: Int) {
        used.wrappingSubtract(bytes, ordering: .relaxed)
    }
}
