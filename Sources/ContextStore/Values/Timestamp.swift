internal import Glibc

/// A moment, in whole milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970.
    public let milliseconds: Int64

    /// A moment given in milliseconds since 1970.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// A moment given in seconds since 1970, perhaps with a fraction, as imports have it.
    ///
    /// Rounds to the nearest millisecond. Nil when it is not finite, before 1970 or after the
    /// year 9999.
    public init?(seconds: Double) {
        guard (0...253_402_300_799).contains(seconds) else { return nil }
        milliseconds = Int64((seconds * 1000).rounded())
    }

    /// Whole seconds since 1970, rounded down, as the API shows time.
    public var seconds: Int64 {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The present moment by the system's clock.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        )
    }

    /// This moment moved by a span, which is cut to milliseconds.
    public func adding(_ span: Duration) -> Timestamp {
        let (seconds, attoseconds) = span.components
        let moved = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return Timestamp(milliseconds: milliseconds + moved)
    }

    /// Whether a moment is earlier than another.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
