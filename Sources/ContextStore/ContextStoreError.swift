/// Why the store did not do what it was asked.
///
/// Safe to show: no case carries SQL, arguments or stored text.
public enum ContextStoreError: Error, Equatable {
    /// There is no such object of this user; another user's object is exactly this too.
    case notFound(StoredObject)
    /// The request contradicts what is stored. The code is a stable word for programs.
    case conflict(code: String, message: String)
    /// A list's cursor names no object of that list.
    case invalidCursor
    /// Too much is waiting to be written; nothing was stored, try again in a moment.
    case overloaded
    /// The database cannot be read or written now; nothing was stored.
    case unavailable(StorageFailure)
    /// The database was written by a newer version of this program.
    case newerDatabase
    /// The file is no database, or is damaged.
    case corrupt(StorageFailure)
    /// The database refused one request by a rule of its schema: a fault of this program.
    case refused(StorageFailure)
    /// The store was closed.
    case closed

    /// Whether the same may be possible in a moment.
    public var mayPass: Bool {
        switch self {
        case .overloaded, .unavailable: true
        default: false
        }
    }

    /// Whether others may be read and written all the same.
    var isOfOneObject: Bool { !mayPass && self != .closed }
}

/// What SQLite said of a failure, without SQL and without arguments.
public struct StorageFailure: Error, Equatable, Sendable {
    /// The extended result code (https://www.sqlite.org/rescode.html).
    public let code: Int32
    /// SQLite's own general sentence for the code.
    public let message: String
}

extension ContextStoreError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .notFound(let object): "No such \(object.rawValue)."
        case .conflict(_, let message): message
        case .invalidCursor: "The cursor names no object of this list."
        case .overloaded: "Too many writes are waiting; try again in a moment."
        case .unavailable(let failure):
            "The database is not available: \(failure.message) (\(failure.code))."
        case .newerDatabase: "The database was written by a newer version of this program."
        case .corrupt(let failure):
            "The database is damaged: \(failure.message) (\(failure.code))."
        case .refused(let failure):
            "The database refused the request: \(failure.message) (\(failure.code))."
        case .closed: "The store is closed."
        }
    }
}
