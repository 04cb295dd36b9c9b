internal import GRDB

/// Loads what is shown of the messages that were found.
struct RecallHits {
    let db: Database
    let user: Int64
    let finder: MatchFinder

    /// The hits of messages in their order, with their scores.
    func load(
        _ found: [(message: RecallMessage, score: Double)],
        withNeighbours: Bool
    ) throws -> [RecallHit] {
        var items = ItemCache(db: db, user: user)
        var starts: [Int64: Timestamp?] = [:]
        return try found.compactMap { message, score in
            guard let item = try items.item(message.pk) else { return nil }
            let session = message.segment.session
            if starts[session] == nil { starts[session] = try start(of: session) }
            return RecallHit(
                item: item,
                score: score,
                speaker: message.speaker,
                sessionStartedAt: starts[session] ?? nil,
                before: withNeighbours ? try items.item(message.previous) : nil,
                after: withNeighbours ? try items.item(message.next) : nil,
                snippet: RecallSnippet(of: item.content, marking: finder)
            )
        }
    }

    private func start(of session: Int64) throws -> Timestamp? {
        try db.first("SELECT created_at FROM sessions WHERE pk = ?", [session]) { $0.timestamp() }
    }
}

/// Items that were read, once each: a hit is often the neighbour of another.
private struct ItemCache {
    let db: Database
    let user: Int64
    private var items: [Int64: Item] = [:]

    init(db: Database, user: Int64) {
        self.db = db
        self.user = user
    }

    mutating func item(_ pk: Int64?) throws -> Item? {
        guard let pk else { return nil }
        if let known = items[pk] { return known }
        let item = try db.first(
            "SELECT \(Item.columns) FROM \(Item.source) WHERE i.pk = ? AND i.user_pk = ?",
            [pk, user],
            Item.init
        )
        items[pk] = item
        return item
    }
}
