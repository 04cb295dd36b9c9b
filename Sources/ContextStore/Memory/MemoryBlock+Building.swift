internal import GRDB
internal import TextAnalysis

/// Whose past a ``MemoryBlock`` is made of.
struct MemoryScope: Sendable, Hashable {
    let user: Int64
    /// One conversation alone; 0 for all of the user's.
    let conversation: Int64
}

extension MemoryBlock {
    /// So many sentences are looked at, however long the history is: the best by what they say, and
    /// all of the latest messages.
    private static let bestSentences = 3_500
    private static let latestMessages = 150

    /// Makes the block of what is indexed now; what it reads is bounded.
    init(_ scope: MemoryScope, _ db: Database) throws {
        let rows = try Self.candidates(scope, db)
        let ranking = Condenser().ranking(
            of: rows.map(\.candidate),
            tokens: Self.maximumTokens
        )
        self.ranking = try Self.inConversationOrder(ranking, rows, db)
        summaries = try Self.modelSummaries(scope, db)
        facts = scope.conversation == 0 ? try Self.facts(of: scope.user, db) : []
        isPartial = ranking.count < rows.count || rows.count >= Self.bestSentences
    }

    /// The sentences to choose from, in the order in which they were said.
    private static func candidates(_ scope: MemoryScope, _ db: Database) throws -> [CandidateRow] {
        let columns = """
            s.item_pk, s.ordinal, s.worth, s.text, s.marks, m.said_at, m.role, m.conversation_pk,
            m.session_pk
            """
        let (column, value) =
            scope.conversation == 0
            ? ("user_pk", scope.user) : ("conversation_pk", scope.conversation)
        let best = try db.rows(
            """
            SELECT \(columns) FROM memory_sentences s JOIN memory_messages m ON m.pk = s.item_pk
            JOIN conversations c ON c.pk = s.conversation_pk AND c.deleted_at IS NULL
            WHERE s.\(column) = ? ORDER BY s.rank DESC LIMIT \(bestSentences)
            """,
            [value],
            CandidateRow.init
        )
        // A user's latest messages lie in one stretch of an index; a conversation's are the
        // latest of its items.
        let latest = try db.rows(
            """
            SELECT \(columns) FROM (\(latestMessages(scope))) r
            JOIN memory_messages m ON m.pk = r.pk
            JOIN conversations c ON c.pk = m.conversation_pk AND c.deleted_at IS NULL
            JOIN memory_sentences s ON s.item_pk = m.pk
            """,
            [value],
            CandidateRow.init
        )
        var seen: Set<SentenceKey> = []
        var rows = best + latest
        rows = rows.filter { seen.insert(SentenceKey($0.candidate)).inserted }
        rows.sort {
            ($0.saidAt, $0.candidate.item, $0.candidate.ordinal)
                < ($1.saidAt, $1.candidate.item, $1.candidate.ordinal)
        }
        for index in rows.indices { rows[index].candidate.order = index }
        return rows
    }

    private static func latestMessages(_ scope: MemoryScope) -> String {
        scope.conversation == 0
            ? """
            SELECT pk FROM memory_messages WHERE user_pk = ?
            ORDER BY said_at DESC LIMIT \(latestMessages)
            """
            : """
            SELECT pk FROM items WHERE conversation_pk = ?
            ORDER BY position DESC LIMIT \(latestMessages)
            """
    }

    /// Numbers the chosen sentences by how they stand in their conversations, which is not always
    /// the order of their times: a transcript may come behind the answer to it.
    private static func inConversationOrder(
        _ ranking: [CondenserCandidate],
        _ rows: [CandidateRow],
        _ db: Database
    ) throws -> [CondenserCandidate] {
        struct Group: Hashable {
            let conversation: Int64
            let session: Int64
            let day: CalendarDay
        }
        var starts: [Group: Int64] = [:]
        var groups: [SentenceKey: Group] = [:]
        for row in rows {
            let group = Group(
                conversation: row.conversation,
                session: row.session,
                day: row.candidate.day
            )
            starts[group] = min(starts[group] ?? .max, row.saidAt)
            groups[SentenceKey(row.candidate)] = group
        }
        let numbers = starts.sorted {
            ($0.value, $0.key.conversation, $0.key.session)
                < ($1.value, $1.key.conversation, $1.key.session)
        }
        let numberOf = Dictionary(
            uniqueKeysWithValues: numbers.enumerated().map { ($1.key, $0) }
        )
        let placed = try ranking.map { sentence in
            let group = groups[SentenceKey(sentence)].flatMap { numberOf[$0] } ?? 0
            return (sentence, group: group, position: try position(of: sentence.item, db))
        }
        let order = placed.indices.sorted {
            let (a, b) = (placed[$0], placed[$1])
            return (a.group, a.position, a.0.ordinal) < (b.group, b.position, b.0.ordinal)
        }
        var numbered = ranking
        for (place, index) in order.enumerated() {
            numbered[index].order = place
            numbered[index].session = placed[index].group
        }
        return numbered
    }

    private static func position(of item: Int64, _ db: Database) throws -> Int64 {
        try db.first("SELECT position FROM items WHERE pk = ?", [item]) { $0.integer() } ?? 0
    }
}

/// A sentence with where it was said.
private struct CandidateRow {
    let conversation: Int64
    let session: Int64
    let saidAt: Int64
    var candidate: CondenserCandidate

    init(_ row: inout RowReader) throws {
        let (item, ordinal) = (row.integer(), row.integer())
        let (worth, text, marks) = (row.integer(), row.text(), row.bytes())
        saidAt = row.integer()
        let role: Item.Role = try row.choice()
        conversation = row.integer()
        session = row.integer()
        candidate = CondenserCandidate(
            item: item,
            ordinal: Int(ordinal),
            order: 0,
            day: CalendarDay(millisecondsSince1970: saidAt),
            session: 0,
            speaker: Speaker(role) ?? .user,
            text: text,
            worth: Int(worth),
            marks: WordMarks.read(marks)
        )
    }
}

private struct SentenceKey: Hashable {
    let item: Int64
    let ordinal: Int

    init(_ candidate: CondenserCandidate) {
        item = candidate.item
        ordinal = candidate.ordinal
    }
}
