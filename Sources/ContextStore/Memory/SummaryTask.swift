internal import GRDB
internal import TextAnalysis

/// A range of items that has no summary, or an outdated one.
struct SummaryTask: Sendable {
    /// The items, in conversation order.
    let items: [Item]
    /// The summary whose place the new one takes.
    let replaces: SummaryID?
    /// Whether the range has an end, so that what is said next begins another summary.
    let isFull: Bool
    /// The conversation's revision that the items were read at.
    let revision: Int64

    /// A summary covers this many items, or this many tokens of them, at most.
    private static let maximumItems = 200
    private static let maximumTokens = 6_000

    /// A summary of a range, as far as it matters for finding what to do.
    private struct Part {
        let id: SummaryID
        let toPosition: Int64
        let isFull: Bool
    }

    /// What is to be done next in a segment, outdated ranges first; nil when nothing is.
    static func next(
        conversation: Int64,
        session: Int64?,
        _ db: Database
    ) throws -> SummaryTask? {
        let revision = try Segment.revision(of: conversation, db)
        let segment = SegmentReader(conversation: conversation, session: session, db: db)
        if let old = try segment.outdatedPart() {
            let items = try segment.items(after: old.previousEnd, to: old.part.toPosition)
            let isLast = try !segment.hasPart(after: old.part.toPosition)
            return SummaryTask(items, replacing: old.part, isTail: isLast, revision)
        }
        let last = try segment.lastParts()
        if let part = last.first, !part.isFull {
            guard try segment.hasItems(after: part.toPosition) else { return nil }
            let items = try segment.items(after: last.dropFirst().first?.toPosition, to: nil)
            return SummaryTask(items, replacing: part, isTail: true, revision)
        }
        let items = try segment.items(after: last.first?.toPosition, to: nil)
        return items.isEmpty ? nil : SummaryTask(items, replacing: nil, isTail: true, revision)
    }

    private init(_ items: [Item], replacing part: Part?, isTail: Bool, _ revision: Int64) {
        var tokens = 0
        let fitting = items.prefix { item in
            defer { tokens += TokenEstimate.tokens(in: item.content) }
            return tokens < Self.maximumTokens
        }
        self.items = Array(isTail ? fitting : items[...])
        replaces = part?.id
        isFull = !isTail || fitting.count < items.count || items.count == Self.maximumItems
        self.revision = revision
    }

    /// Reads one segment, less what is forgotten; `session` nil for what is outside of sessions.
    private struct SegmentReader {
        let conversation: Int64
        let session: Int64?
        let db: Database

        func items(after start: Int64?, to end: Int64?) throws -> [Item] {
            try db.rows(
                """
                SELECT \(Item.columns) FROM \(Item.source)
                WHERE i.session_pk IS ? AND i.conversation_pk = ? AND i.position > ?
                AND i.position <= ?
                AND NOT EXISTS (SELECT 1 FROM forgotten_items f WHERE f.item_pk = i.pk)
                ORDER BY i.position LIMIT \(maximumItems)
                """,
                [session, conversation, start ?? .min, end ?? .max],
                Item.init
            )
        }

        func hasItems(after start: Int64) throws -> Bool {
            try db.first(
                """
                SELECT 1 FROM items i WHERE session_pk IS ? AND conversation_pk = ?
                AND position > ?
                AND NOT EXISTS (SELECT 1 FROM forgotten_items f WHERE f.item_pk = i.pk) LIMIT 1
                """,
                [session, conversation, start]
            ) { $0.integer() } != nil
        }

        /// The last summary and the one before it.
        func lastParts() throws -> [Part] {
            try db.rows(
                """
                SELECT id, to_position, is_full FROM summaries
                WHERE conversation_pk = ? AND ifnull(session_pk, 0) = ?
                ORDER BY to_position DESC LIMIT 2
                """,
                [conversation, session ?? 0],
                Self.part
            )
        }

        func hasPart(after end: Int64) throws -> Bool {
            try db.first(
                """
                SELECT 1 FROM summaries WHERE conversation_pk = ?
                AND ifnull(session_pk, 0) = ? AND to_position > ? LIMIT 1
                """,
                [conversation, session ?? 0, end]
            ) { $0.integer() } != nil
        }

        /// The first outdated summary, and where the one before it ends.
        func outdatedPart() throws -> (part: Part, previousEnd: Int64?)? {
            let part = try db.first(
                """
                SELECT id, to_position, is_full FROM summaries
                WHERE conversation_pk = ? AND ifnull(session_pk, 0) = ? AND version <> ?
                ORDER BY to_position LIMIT 1
                """,
                [conversation, session ?? 0, ExtractiveSummarizer.version],
                Self.part
            )
            guard let part else { return nil }
            let previous = try db.first(
                """
                SELECT to_position FROM summaries WHERE conversation_pk = ?
                AND ifnull(session_pk, 0) = ? AND to_position < ?
                ORDER BY to_position DESC LIMIT 1
                """,
                [conversation, session ?? 0, part.toPosition]
            ) { $0.integer() }
            return (part, previous)
        }

        private static func part(_ row: inout RowReader) -> Part {
            Part(
                id: SummaryID(stored: row.text()),
                toPosition: row.integer(),
                isFull: row.integer() != 0
            )
        }
    }
}

extension UserStore {
    /// What is to be summarised next in a segment; nil when nothing is.
    func summaryTask(of segment: ConversationChange) async throws -> SummaryTask? {
        try await read { db, user in
            let pk = try Conversation.existingPK(segment.conversation, of: user, db)
            let session = try Segment.sessionPK(segment.session, in: pk, db)
            return try SummaryTask.next(conversation: pk, session: session, db)
        }
    }
}
