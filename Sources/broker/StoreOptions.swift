import ArgumentParser
import ContextStore
import Foundation
import SessionBroker

/// Which database an operator's command works on.
struct StoreOptions: ParsableArguments {
    @Option(help: "The SQLite database. [BROKER_DATABASE]")
    var database: String?

    /// Where the database is.
    var path: String {
        let environment = ProcessInfo.processInfo.environment[Setting.database.rawValue]
        return database ?? environment ?? Setting.database.defaultText ?? ""
    }

    /// Opens the store, lends it, and closes it.
    func withStore<Result>(
        mustExist: Bool = true,
        _ body: (ContextStore) async throws -> Result
    ) async throws -> Result {
        guard !mustExist || FileManager.default.fileExists(atPath: path) else {
            throw ConfigurationError("there is no database at \(path)")
        }
        let store = try ContextStore.opened(at: path)
        do {
            let result = try await body(store)
            try await store.close()
            return result
        } catch {
            try await store.close()
            throw error
        }
    }
}

extension ContextStore {
    /// Opens a store; what goes wrong is said with the file's name.
    static func opened(
        at path: String,
        configuration: ContextStore.Configuration = .init()
    ) throws -> ContextStore {
        do {
            return try ContextStore(path: path, configuration: configuration)
        } catch let error as ContextStoreError {
            throw ConfigurationError("the database \(path) cannot be used. \(error)")
        }
    }
}

/// Reads ids on the command line.
enum IDArgument {
    static func user(_ text: String) throws -> UserID {
        guard let id = UserID(text) else { throw ValidationError("not a user's id: \(text)") }
        return id
    }

    static func conversation(_ text: String) throws -> ConversationID {
        guard let id = ConversationID(text) else {
            throw ValidationError("not a conversation's id: \(text)")
        }
        return id
    }
}
