internal import GRDB
internal import TextAnalysis

/// A range of items that has no summary, or an outdated one.
struct SummaryTask: Sendable {
    /// The items, in conversation order; of a very long range, its beginning.
    let items: [Item]
    /// Where the range ends, and how many items it has.
    let end: (position: Int64, count: Int)?
    /// The summary whose place the new one takes.
    let replaces: SummaryID?
    /// Whether the range has an end, so that what is said next begins another summary.
    let isFull: Bool
    /// The conversation's revision that the items were read at.
    let revision: Int64

    /// A new summary covers this many items, or this many tokens of them, at most.
    private static let maximumItems = 200
    private static let maximumTokens = 6_000
    /// What came into a range later makes it longer than that; beyond this it is not looked at.
    private static let maximumLateItems = 2_000
    private static let maximumBytes = 1 << 20

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
            guard try segment.hasPart(after: old.part.toPosition) else {
                let range = (after: old.previousEnd, to: old.part.toPosition as Int64?)
                return try SummaryTask(tail: range, of: segment, replacing: old.part, revision)
            }
            return try SummaryTask(old.part, after: old.previousEnd, of: segment, revision)
        }
        let last = try segment.lastParts()
        if let part = last.first, !part.isFull {
            guard try segment.hasItems(after: part.toPosition) else { return nil }
            let range = (after: last.dropFirst().first?.toPosition, to: nil as Int64?)
            return try SummaryTask(tail: range, of: segment, replacing: part, revision)
        }
        let range = (after: last.first?.toPosition, to: nil as Int64?)
        let task = try SummaryTask(tail: range, of: segment, replacing: nil, revision)
        return task.items.isEmpty ? nil : task
    }

    /// The end of a segment, as far as one summary covers it.
    private init(
        tail range: (after: Int64?, to: Int64?),
        of segment: SegmentReader,
        replacing part: Part?,
        _ revision: Int64
    ) throws {
        var tokens = 0
        var isCut = false
        items = try segment.items(after: range.after, to: range.to, limit: Self.maximumItems) {
            isCut = tokens >= Self.maximumTokens
            tokens += TokenEstimate.tokens(in: $0.content)
            return !isCut
        }
        end = items.last.map { [items] in ($0.position, items.count) }
        replaces = part?.id
        isFull = isCut || items.count == Self.maximumItems
        self.revision = revision
    }

    /// All of a range behind which others are summarised.
    private init(
        _ part: Part,
        after start: Int64?,
        of segment: SegmentReader,
        _ revision: Int64
    ) throws {
        var size = 0
        items = try segment.items(after: start, to: part.toPosition, limit: Self.maximumLateItems) {
            item in
            defer { size += item.content.utf8.count }
            return size < Self.maximumBytes
        }
        end = try segment.end(after: start, to: part.toPosition)
        replaces = part.id
        isFull = true
        self.revision = revision
    }

    /// Reads one segment, less what is forgotten; `session` nil for what is outside of sessions.
    private struct SegmentReader {
        let conversation: Int64
        let session: Int64?
        let db: Database

        func items(
            after start: Int64?,
            to end: Int64?,
            limit: Int,
            while isWanted: (Item) -> Bool
        ) throws -> [Item] {
            try db.rows(
                """
                SELECT \(Item.columns) FROM \(Item.source)
                WHERE i.session_pk IS ? AND i.conversation_pk = ? AND i.position > ?
                AND i.position <= ?
                AND NOT EXISTS (SELECT 1 FROM forgotten_items f WHERE f.item_pk = i.pk)
                ORDER BY i.position LIMIT ?
                """,
                [session, conversation, start ?? .min, end ?? .max, limit],
                while: isWanted,
                Item.init
            )
        }

        /// The last of a range's items, and how many they are; nil when there is none.
        func end(after start: Int64?, to end: Int64) throws -> (position: Int64, count: Int)? {
            let row = try db.first(
                """
                SELECT max(position), count(*) FROM items i
                WHERE session_pk IS ? AND conversation_pk = ? AND position > ? AND position <= ?
                AND NOT EXISTS (SELECT 1 FROM forgotten_items f WHERE f.item_pk = i.pk)
                """,
                [session, conversation, start ?? .min, end]
            ) { (position: $0.optionalInteger(), count: Int($0.integer())) }
            return row.flatMap { row in row.position.map { (position: $0, count: row.count) } }
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
                AND (version = 0 OR source = 'embedded')
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
