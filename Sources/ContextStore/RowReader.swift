internal import Foundation
internal import GRDB
internal import JSON

/// Reads the columns of one row from left to right.
///
/// Tables are STRICT and columns that are read as values are NOT NULL, so types always fit.
struct RowReader {
    private let row: Row
    private var index = 0

    init(_ row: Row) {
        self.row = row
    }

    private mutating func next() -> Int {
        defer { index += 1 }
        return index
    }

    mutating func integer() -> Int64 { row[next()] }
    mutating func optionalInteger() -> Int64? { row[next()] }
    mutating func text() -> String { row[next()] }
    mutating func optionalText() -> String? { row[next()] }
    mutating func bytes() -> [UInt8] { [UInt8](row[next()] as Data) }
    mutating func optionalBytes() -> [UInt8]? { (row[next()] as Data?).map { [UInt8]($0) } }

    mutating func timestamp() -> Timestamp { Timestamp(milliseconds: integer()) }

    mutating func optionalTimestamp() -> Timestamp? {
        optionalInteger().map(Timestamp.init(milliseconds:))
    }

    /// A value of an enumeration; a word it does not know means damage.
    mutating func choice<Choice: RawRepresentable>() throws -> Choice
    where Choice.RawValue == String {
        guard let choice = Choice(rawValue: text()) else { throw Self.damage }
        return choice
    }

    mutating func json() throws -> JSONValue {
        try Self.parse(text())
    }

    mutating func optionalJSON() throws -> JSONValue? {
        try optionalText().map(Self.parse)
    }

    mutating func object() throws -> JSONObject {
        let text = text()
        if text == "{}" { return JSONObject() }
        guard let object = try Self.parse(text).objectValue else { throw Self.damage }
        return object
    }

    private static func parse(_ text: String) throws -> JSONValue {
        do {
            // Whatever was stored is read, though no request may bring as much.
            return try JSONValue(parsing: text.utf8, maximumDepth: .max, maximumMembers: .max)
        } catch {
            throw damage
        }
    }

    private static var damage: ContextStoreError {
        .corrupt(StorageFailure(DatabaseError(resultCode: .SQLITE_CORRUPT)))
    }
}

extension Database {
    /// All rows of a query, each decoded; the statement is kept prepared.
    func rows<Value>(
        _ sql: String,
        _ arguments: StatementArguments = [],
        _ decode: (inout RowReader) throws -> Value
    ) throws -> [Value] {
        try rows(sql, arguments, while: { _ in true }, decode)
    }

    /// The first rows of a query up to one that is not wanted; what is behind that is not read.
    func rows<Value>(
        _ sql: String,
        _ arguments: StatementArguments = [],
        while isWanted: (Value) -> Bool,
        _ decode: (inout RowReader) throws -> Value
    ) throws -> [Value] {
        let cursor = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        var values: [Value] = []
        while let row = try cursor.next() {
            var reader = RowReader(row)
            let value = try decode(&reader)
            guard isWanted(value) else { break }
            values.append(value)
        }
        return values
    }

    /// The first row of a query, decoded; the statement is kept prepared.
    func first<Value>(
        _ sql: String,
        _ arguments: StatementArguments = [],
        _ decode: (inout RowReader) throws -> Value
    ) throws -> Value? {
        let cursor = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        guard let row = try cursor.next() else { return nil }
        var reader = RowReader(row)
        return try decode(&reader)
    }

    /// Executes one statement, which is kept prepared.
    func run(_ sql: String, _ arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

extension StorageFailure {
    /// What a GRDB error says, less its SQL and arguments.
    init(_ error: DatabaseError) {
        code = error.extendedResultCode.rawValue
        message = error.extendedResultCode.description
    }
}

extension ContextStoreError {
    /// The error that callers see for one that came up at the database.
    static func translating(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let failure = StorageFailure(error)
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
            return ContextStoreError.corrupt(failure)
        case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_RANGE, .SQLITE_ERROR:
            return ContextStoreError.refused(failure)
        // GRDB's word for a closed connection.
        case .SQLITE_MISUSE:
            return ContextStoreError.closed
        default:
            return ContextStoreError.unavailable(failure)
        }
    }

    /// Whether an error lies in one request, so that others of its batch may go on.
    static func isOfOneRequest(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return true }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_RANGE, .SQLITE_ERROR:
            return true
        default:
            return false
        }
    }
}

extension [UInt8] {
    /// These bytes as an argument of a statement.
    var blob: Data { Data(self) }
}
