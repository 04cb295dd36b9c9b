import GRDB
import Logging
import Testing

@testable import ContextStore

extension ContextStore {
    /// Indexes all that is stored, with an indexer that knows nothing of earlier ones.
    func index() async throws {
        let indexer = MemoryIndexer(store: self, logger: .silent)
        _ = try await indexer.catchUp()
    }

    /// The texts of the messages that have a word, of all users, by the index alone.
    func indexed(_ word: String) async throws -> [String] {
        try await database.read { db in
            let users = try Int64.fetchAll(db, sql: "SELECT pk FROM users")
            let forms = users.map { "\"\(MemoryTokens.word(word, of: $0))\"" }
            return try String.fetchAll(
                db,
                sql: """
                    SELECT i.content FROM message_fts f LEFT JOIN items i ON i.pk = f.rowid
                    WHERE message_fts MATCH ? ORDER BY f.rowid
                    """,
                arguments: ["words:(\(forms.joined(separator: " OR ")))"]
            )
        }
    }

    /// What the index says of itself: throws when it does not fit the messages it was made of.
    func checkIndex() async throws {
        try await database.writeWithoutTransaction { db in
            try db.execute(
                sql: "INSERT INTO message_fts (message_fts, rank) VALUES ('integrity-check', 1)"
            )
        }
    }
}

extension Logger {
    /// A logger that drops everything.
    static var silent: Logger { Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() } }
}

extension UserStore {
    /// What is prepared of the user's past, whether or not all of it is indexed.
    func memoryBlock() async throws -> MemoryBlock {
        try #require(try await recollection(evenIfBehind: true)).block
    }
}
