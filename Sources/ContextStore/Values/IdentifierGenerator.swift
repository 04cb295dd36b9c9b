internal import Locking

/// Makes ids that sort by creation, strictly rising within one generator.
///
/// May be used from any thread.
public final class IdentifierGenerator: Sendable {
    private let now: @Sendable () -> Timestamp
    private let random: @Sendable () -> UInt64
    private let last = Mutex<UInt128>(0)

    /// A generator of a clock and a source of random numbers; both are injected by tests.
    public init(
        now: @escaping @Sendable () -> Timestamp = { .now() },
        random: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) }
    ) {
        self.now = now
        self.random = random
    }

    /// A new id.
    public func make<Kind: IdentifierKind>(
        _ type: Identifier<Kind>.Type = Identifier<Kind>.self
    ) -> Identifier<Kind> {
        Identifier(number: next())
    }

    /// The next number: a fresh one in a new millisecond, else the last one plus one.
    ///
    /// So a clock that is set back never makes an id that sorts before an earlier one.
    private func next() -> UInt128 {
        let milliseconds = UInt128(UInt64(clamping: now().milliseconds)) & 0xFFFF_FFFF_FFFF
        return last.withLock { last in
            if milliseconds <= last >> 80 {
                last += 1
            } else {
                let high = UInt128(random() & 0xFFFF)
                last = milliseconds << 80 | high << 64 | UInt128(random())
            }
            return last
        }
    }
}
