/// What a listener gets whose connection is slower than what there is to tell.
public enum ListenerRule {
    /// What becomes of an event.
    public enum Verdict: Sendable, Equatable {
        /// It is queued.
        case send
        /// It is left out: what it says is told again by what follows.
        case skip
        /// The listener is dropped.
        case drop
    }

    /// With this much waiting, events that do not last are left out.
    public static let skippingFromBytes = 64 * 1_024
    /// With this much waiting, the listener is dropped.
    public static let droppingFromBytes = 256 * 1_024
    /// What the system may hold for a listener on top of that.
    public static let systemBytes = 64 * 1_024

    /// Decides about one event.
    ///
    /// - Parameters:
    ///   - waitingBytes: What waits for the listener.
    ///   - lasts: Whether the event must not be missed.
    /// - Returns: What becomes of it.
    public static func verdict(waitingBytes: Int, lasts: Bool) -> Verdict {
        if lasts { return waitingBytes < droppingFromBytes ? .send : .drop }
        return waitingBytes < skippingFromBytes ? .send : .skip
    }
}
