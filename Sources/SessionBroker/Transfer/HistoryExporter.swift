public import ContextStore
internal import JSON

/// Writes what the store holds, conversation by conversation, for the operator.
public struct HistoryExporter: Sendable {
    /// The form of an export.
    public enum Format: String, CaseIterable, Sendable {
        /// A line for each conversation, followed by one for each of its messages.
        case jsonl
        /// Text for people.
        case markdown
    }

    private let store: ContextStore
    private let format: Format

    /// An exporter of a store.
    public init(store: ContextStore, format: Format) {
        self.store = store
        self.format = format
    }

    /// Exports everything, or one user's or one conversation's part.
    ///
    /// - Parameters:
    ///   - user: Whose; nil for everybody's.
    ///   - conversation: Which; nil for all.
    ///   - write: Takes the next piece of text.
    /// - Throws: ``ContextStoreError`` `notFound` when the conversation is nobody's of these.
    public func export(
        user: UserID?,
        conversation: ConversationID?,
        write: (String) -> Void
    ) async throws {
        var found = conversation == nil
        try await eachUser(user) { scope in
            guard let conversation else { return try await exportAll(of: scope, write: write) }
            do {
                try await export(scope.conversation(conversation), of: scope, write: write)
                found = true
            } catch ContextStoreError.notFound {
                // Another user's.
            }
        }
        guard found else { throw ContextStoreError.notFound(.conversation) }
    }

    private func eachUser(
        _ only: UserID?,
        _ body: (UserStore) async throws -> Void
    ) async throws {
        if let only { return try await body(store.user(only)) }
        var last: UserID?
        while true {
            let page = try await StoreOperator(store).users(after: last, limit: 100)
            for user in page { try await body(store.user(user)) }
            guard let end = page.last else { return }
            last = end
        }
    }

    private func exportAll(of scope: UserStore, write: (String) -> Void) async throws {
        var last: ConversationID?
        while true {
            let page = try await scope.conversations(
                PageRequest(limit: 100, order: .ascending, after: last)
            )
            for conversation in page.elements {
                try await export(conversation, of: scope, write: write)
            }
            guard page.hasMore, let end = page.elements.last else { return }
            last = end.id
        }
    }

    private func export(
        _ conversation: Conversation,
        of scope: UserStore,
        write: (String) -> Void
    ) async throws {
        var writer = TranscriptWriter(
            format == .jsonl ? .jsonl : .markdown,
            of: conversation
        )
        if format == .jsonl {
            write(line(conversation.json, scope))
        } else {
            write(writer.opening())
        }
        for try await items in scope.allItems(of: conversation.id) {
            for item in items {
                write(format == .jsonl ? line(item.json, scope) : writer.next(item))
            }
        }
        if format == .markdown { write(writer.closing() + "\n") }
    }

    /// The API's object with its owner.
    private func line(_ value: JSONValue, _ scope: UserStore) -> String {
        var object = value.objectValue ?? JSONObject()
        object["user_id"] = .string(scope.user.text)
        return JSONValue.object(object).text + "\n"
    }
}
