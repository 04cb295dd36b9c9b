internal import GRDB

extension UserStore {
    /// So many of the first items are looked at for a preview.
    private static let previewItems: Int64 = 8
    /// A preview has no more characters than this.
    private static let previewCharacters = 160

    /// What people know these conversations by; those that are not this user's are left out.
    ///
    /// It costs a few rows for each, however long they are.
    public func names(
        of conversations: [ConversationID]
    ) async throws -> [ConversationID: ConversationName] {
        try await read { db, user in
            var names: [ConversationID: ConversationName] = [:]
            for id in conversations {
                names[id] = try Self.name(of: id, user, db)
            }
            return names
        }
    }

    private static func name(
        of id: ConversationID,
        _ user: Int64,
        _ db: Database
    ) throws -> ConversationName? {
        let found = try db.first(
            "SELECT pk, title FROM conversations WHERE id = ? AND user_pk = ? AND deleted_at IS NULL",
            [id.text, user]
        ) { (pk: $0.integer(), title: $0.optionalText()) }
        guard let found else { return nil }
        // Enough code points for the characters that are shown, of texts that may be long.
        let firstTexts = try db.rows(
            """
            SELECT kind, role, substr(content, 1, 1000) FROM items
            WHERE conversation_pk = ? ORDER BY position LIMIT ?
            """,
            [found.pk, previewItems]
        ) { (isMessage: $0.text() == "message", isUser: $0.text() == "user", text: $0.text()) }
        let said = firstTexts.filter { $0.isMessage && $0.text.contains { !$0.isWhitespace } }
        let first = said.first(where: \.isUser) ?? said.first
        return ConversationName(title: found.title, preview: first.map { shortened($0.text) })
    }

    /// The text on one line, cut at a word where it is long.
    private static func shortened(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard line.count > previewCharacters else { return line }
        let head = line.prefix(previewCharacters - 1)
        let words = head.lastIndex(of: " ").map { head[..<$0] } ?? head
        return words + "…"
    }
}
