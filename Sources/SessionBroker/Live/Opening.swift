internal import WebServer

/// An upstream session that is on its way to become the current one.
struct Opening {
    /// Why it is opened.
    enum Reason: Equatable {
        /// It is the first.
        case beginning
        /// The one before will end soon.
        case expiry
        /// The one before is gone.
        case loss
    }

    /// Which one it is of this session; what belongs to an earlier one is not taken for this.
    let number: Int
    let reason: Reason
    /// Makes the connection.
    var task: Task<Void, Never>?
    /// The connection, once it is there.
    var side: UpstreamSide?
    /// Whether it has its settings and could take over.
    var isReady = false
    /// Whether it takes over even while somebody speaks.
    var isUrgent = false
    /// Whether it is taking over: what was said last is being carried over.
    var isTakingOver = false
    /// Whether the model was to go on when the one before was lost.
    var modelIsToGoOn = false
    /// What was lost with the one before.
    var lost: [String] = []

    /// Gives it up.
    func cancel() {
        task?.cancel()
        side?.connection?.close(.normal)
    }
}
