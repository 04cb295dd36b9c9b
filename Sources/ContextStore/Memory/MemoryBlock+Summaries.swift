internal import GRDB
internal import TextAnalysis

extension MemoryBlock {
    /// More summaries than this do not fit their half of the largest budget.
    private static let maximumSummaries = 100

    /// What a language model wrote of earlier sessions, the latest said first.
    static func modelSummaries(_ scope: MemoryScope, _ db: Database) throws -> [String] {
        let (column, value) =
            scope.conversation == 0
            ? ("user_pk", scope.user) : ("conversation_pk", scope.conversation)
        return try db.rows(
            """
            SELECT m.said_at, m.text FROM summaries m
            JOIN conversations c ON c.pk = m.conversation_pk AND c.deleted_at IS NULL
            WHERE m.\(column) = ? AND m.source = 'model' AND m.text <> ''
            ORDER BY m.said_at DESC, m.pk DESC LIMIT \(maximumSummaries)
            """,
            [value]
        ) { row in
            let day = CalendarDay(millisecondsSince1970: row.integer())
            return "\(DateText.day(day)): \(row.text())"
        }
    }
}
