/// Why a JSON text, or a value in it, was refused; safe to show to whoever sent it.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    /// A stable word for programs, in upstream's vocabulary (`invalid_json`, `invalid_type`,
    /// `invalid_value`, `unknown_parameter`, `missing_required_parameter`, …).
    public let code: String
    /// One sentence for people.
    public let message: String
    /// The path of the offending value, for example `messages[3].role`; nil for the whole text.
    public let param: String?

    /// Makes an error from its parts.
    public init(code: String, message: String, param: String? = nil) {
        self.code = code
        self.message = message
        self.param = param
    }

    /// The sentence, for logs.
    public var description: String { message }
}
