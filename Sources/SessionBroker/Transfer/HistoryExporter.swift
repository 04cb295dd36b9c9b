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
        write: (String) async throws -> Void
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
        for try await page in StoreOperator(store).allUsers() {
            for user in page { try await body(store.user(user)) }
        }
    }

    private func exportAll(of scope: UserStore, write: (String) async throws -> Void) async throws {
        for try await page in scope.allConversations() {
            for conversation in page {
                do {
                    try await export(conversation, of: scope, write: write)
                } catch ContextStoreError.notFound {
                    // Deleted meanwhile.
                }
            }
        }
    }

    private func export(
        _ conversation: Conversation,
        of scope: UserStore,
        write: (String) async throws -> Void
    ) async throws {
        var writer = TranscriptWriter(
            format == .jsonl ? .jsonl : .markdown,
            of: conversation
        )
        if format == .jsonl {
            try await write(line(conversation.json, conversation.createdAt, scope))
        } else {
            try await write(writer.opening())
        }
        for try await items in scope.allItems(of: conversation.id) {
            for item in items {
                let text =
                    format == .jsonl ? line(item.json, item.createdAt, scope) : writer.next(item)
                try await write(text)
            }
        }
        if format == .markdown { try await write(writer.closing() + "\n") }
    }

    /// The API's object with its owner, and its time to the millisecond.
    private func line(_ value: JSONValue, _ createdAt: Timestamp, _ scope: UserStore) -> String {
        var object = value.objectValue ?? JSONObject()
        if createdAt.milliseconds % 1_000 != 0 {
            object["created_at"] = .number(Double(createdAt.milliseconds) / 1_000)
        }
        object["user_id"] = .string(scope.user.text)
        return JSONValue.object(object).text + "\n"
    }
}
