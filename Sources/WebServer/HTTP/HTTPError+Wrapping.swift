internal import JSON

extension HTTPError {
    /// The answer to anything thrown: itself, a 400 for bad JSON, or a 500 without detail.
    init(wrapping error: any Error) {
        switch error {
        case let error as HTTPError: self = error
        case let error as JSONError: self = .badJSON(error)
        case let error as any HTTPErrorConvertible: self = error.httpError
        default: self = .internalError(error)
        }
    }
}

/// An error of a lower layer that knows which answer it means.
///
/// Conformances stand where HTTP is known, so that the layer itself need not know it.
public protocol HTTPErrorConvertible: Error {
    /// The answer.
    var httpError: HTTPError { get }
}
