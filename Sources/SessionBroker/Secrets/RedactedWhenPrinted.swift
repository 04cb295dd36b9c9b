/// A secret that shows itself as `<redacted>` to `print`, interpolation, `dump` and a debugger.
///
/// The value comes out only through a property that says so in its name.
public protocol RedactedWhenPrinted: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{}

extension RedactedWhenPrinted {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }

    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }

    /// A mirror without children, for `dump` and `String(reflecting:)` of whatever holds this.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
