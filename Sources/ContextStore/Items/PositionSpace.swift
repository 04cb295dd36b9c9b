internal import GRDB

/// Finds free positions in one conversation.
///
/// Positions are integers with gaps. Items are appended at steps of ``gap``; an item between two
/// others takes the middle. When there is no room, the items of the smallest aligned range around
/// the place that is sparse enough are spread over it (order maintenance by labels: Bender et al.,
/// "Two Simplified Algorithms for Maintaining Order in a List", 2002). Larger ranges must be
/// sparser, so each spreading pays for many insertions.
struct PositionSpace {
    /// The step between appended items.
    static let gap: Int64 = 65_536
    /// Positions stay within ±2^53, so that JavaScript reads them exactly.
    private static let widestRangeBits = 53

    let db: Database
    let conversation: Int64

    /// Free positions directly behind a position, in order.
    ///
    /// Items nearby may be moved, and so may the one that stands at `low`; read positions again
    /// that are still needed.
    ///
    /// - Parameters:
    ///   - low: Where an item stands; nil for the front of the conversation.
    ///   - count: How many positions, at least 1.
    /// - Returns: The positions, rising.
    /// - Throws: ``ContextStoreError/conflict(code:message:)`` when 2^53 positions are too few.
    func makeRoom(behind low: Int64?, count: Int = 1) throws -> [Int64] {
        let high = try next(behind: low ?? .min)
        let count64 = Int64(count)
        switch (low, high) {
        case (nil, nil): return (1...count64).map { $0 * Self.gap }
        case (nil, let high?): return (1...count64).map { high - (count64 + 1 - $0) * Self.gap }
        case (let low?, nil): return (1...count64).map { low + $0 * Self.gap }
        case (let low?, let high?):
            guard high - low > count64 else { return try spread(behind: low, count: count) }
            let step = (high - low) / (count64 + 1)
            return (1...count64).map { low + $0 * step }
        }
    }

    /// The position of the item behind a position.
    func next(behind position: Int64) throws -> Int64? {
        try db.first(
            """
            SELECT position FROM items WHERE conversation_pk = ? AND position > ?
            ORDER BY position LIMIT 1
            """,
            [conversation, position]
        ) { $0.integer() }
    }

    /// The position of the item before a position.
    func previous(before position: Int64) throws -> Int64? {
        try db.first(
            """
            SELECT position FROM items WHERE conversation_pk = ? AND position < ?
            ORDER BY position DESC LIMIT 1
            """,
            [conversation, position]
        ) { $0.integer() }
    }

    /// Moves an item to a free position.
    func move(_ item: Int64, to position: Int64) throws {
        try db.run("UPDATE items SET position = ? WHERE pk = ?", [position, item])
    }

    // MARK: - Spreading

    private struct Slot {
        let item: Int64
        let old: Int64
        let new: Int64
    }

    private func spread(behind low: Int64, count: Int) throws -> [Int64] {
        for bits in 6...Self.widestRangeBits {
            // Two's complement: right for negative positions too.
            let width = Int64(1) << bits
            let start = low & ~(width - 1)
            let items = try self.items(from: start, width: width)
            guard items.count + count <= Self.capacity(bits: bits) else { continue }
            let step = width / Int64(items.count + count + 1)
            let before = items.count { $0.position <= low }
            let slots = items.enumerated().map { index, item in
                let rank = Int64(index + 1 + (index < before ? 0 : count))
                return Slot(item: item.pk, old: item.position, new: start + rank * step)
            }
            try apply(slots)
            return (0..<count).map { start + Int64(before + 1 + $0) * step }
        }
        throw ContextStoreError.conflict(
            code: "conversation_full",
            message: "The conversation has no room for another item at this place."
        )
    }

    /// How many items a range may hold once it is spread.
    ///
    /// A range of 2^bits has steps of at least 2^(bits/2), up to the density of appended items.
    static func capacity(bits: Int) -> Int {
        let stepBits = bits <= 28 ? bits / 2 : 14 + (bits - 28) / 25
        return 1 << (bits - stepBits)
    }

    private func items(from start: Int64, width: Int64) throws -> [(pk: Int64, position: Int64)] {
        try db.rows(
            """
            SELECT pk, position FROM items
            WHERE conversation_pk = ? AND position >= ? AND position < ? ORDER BY position
            """,
            [conversation, start, start + width]
        ) { (pk: $0.integer(), position: $0.integer()) }
    }

    /// Moves items without ever putting two at one position, which the index refuses.
    ///
    /// Old and new positions both rise. So those that go up can go first, from the top, and then
    /// those that go down, from the bottom.
    private func apply(_ slots: [Slot]) throws {
        for slot in slots.reversed() where slot.new > slot.old { try move(slot.item, to: slot.new) }
        for slot in slots where slot.new < slot.old { try move(slot.item, to: slot.new) }
        try followInSummaries(slots)
        try db.run(
            "UPDATE conversations SET revision = revision + 1 WHERE pk = ?",
            [conversation]
        )
    }

    /// Lets the ranges of summaries go on naming the same items.
    private func followInSummaries(_ slots: [Slot]) throws {
        guard let first = slots.first, let last = slots.last else { return }
        let moved = Dictionary(uniqueKeysWithValues: slots.map { ($0.old, $0.new) })
        let ranges = try db.rows(
            """
            SELECT pk, from_position, to_position FROM summaries WHERE conversation_pk = ?
            AND (from_position BETWEEN ? AND ? OR to_position BETWEEN ? AND ?)
            """,
            [conversation, first.old, last.old, first.old, last.old]
        ) { (pk: $0.integer(), from: $0.integer(), to: $0.integer()) }
        for range in ranges {
            try db.run(
                "UPDATE summaries SET from_position = ?, to_position = ? WHERE pk = ?",
                [moved[range.from] ?? range.from, moved[range.to] ?? range.to, range.pk]
            )
        }
    }
}
