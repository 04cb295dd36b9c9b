internal import GRDB

/// What is known of an item's predecessor, as stored in the column `link`.
enum Link: Int64 {
    /// Nothing.
    case unlinked = 0
    /// It is the first of its session.
    case first = 1
    /// Its predecessor is named, but was not seen yet.
    case waiting = 2
    /// It stands behind its predecessor.
    case placed = 3
}

/// A link and the predecessor's upstream id that goes with it.
struct ItemLink: Equatable {
    let kind: Link
    let previous: String?

    static let unlinked = ItemLink(kind: .unlinked, previous: nil)
}

/// Keeps the items of one conversation in upstream's order, in whatever order they arrive.
///
/// An item stands directly behind its predecessor. While the predecessor is not known it stands
/// behind the last item of its session, and moves with all that is chained to it when the
/// predecessor comes. So the order of a chain does not depend on the order of its arrival.
struct ItemOrder {
    /// The longest run of items that is moved at once; a longer one stays where it is.
    ///
    /// Runs move when an item in front of them was late, so they are short; the bound is there so
    /// that one request cannot keep the writer busy for long.
    static let longestMove = 10_000
    /// How many deleted predecessors in a row are followed.
    private static let longestDetour = 1_000

    let db: Database
    let conversation: Int64

    private var space: PositionSpace { PositionSpace(db: db, conversation: conversation) }

    /// An item, as far as its place goes.
    struct Place: Equatable {
        let pk: Int64
        let upstreamID: String?
        let link: ItemLink
        let position: Int64
    }

    // MARK: - New items

    /// Where a new item goes, what to note of its predecessor, and whether it is the last one.
    ///
    /// Call ``settle(_:upstreamID:)`` once the item is inserted there.
    func place(
        _ placement: ItemPlacement,
        upstreamID: String?,
        session: Int64?,
        end: Int64
    ) throws -> (position: Int64, link: ItemLink, isLast: Bool) {
        let spot = try spot(for: placement, upstreamID: upstreamID, session: session)
        if case .before(let place) = spot.place {
            return (try positionBefore(place.position), spot.link, false)
        }
        // Without a known predecessor the best place is in front of who waits for it.
        if spot.link.kind != .placed, let waiting = try firstWaiting(for: upstreamID) {
            return (try positionBefore(waiting.position), spot.link, false)
        }
        // By far the most usual case needs no look at the neighbours.
        guard case .behind(let place) = spot.place, place.position < end else {
            return (end + PositionSpace.gap, spot.link, true)
        }
        let position = try space.makeRoom(behind: place.position).first ?? place.position
        return (position, spot.link, false)
    }

    /// Brings what waited for a new item directly behind it, in the order in which it waited; tells
    /// whether anything did.
    ///
    /// What would make it more than ``longestMove`` items altogether stays where it is.
    func settle(_ item: Int64, upstreamID: String) throws -> Bool {
        let waiting = try self.waiting(for: upstreamID).filter { $0.pk != item }
        var settled: [Place] = []
        for place in waiting {
            try db.run(
                "UPDATE items SET link = ? WHERE pk = ?",
                [Link.placed.rawValue, place.pk]
            )
            let left = Self.longestMove - settled.count
            guard let run = try run(from: place, longest: left),
                !run.contains(where: { $0.pk == item })
            else { continue }
            settled += run
        }
        if let place = try place(pk: item) { try move(settled, behind: place) }
        return !waiting.isEmpty
    }

    // MARK: - Known items

    /// Places an item that had no link, and notes its predecessor.
    func relink(_ item: Place, _ placement: ItemPlacement, session: Int64?) throws {
        let spot = try spot(for: placement, upstreamID: item.upstreamID, session: session)
        switch spot.place {
        case .end: break
        case .behind(let place) where spot.link.kind == .placed:
            guard try moveRun(of: item.pk, behind: place.pk) else { return }
        // It waits where it stands.
        case .behind: break
        case .before(let place) where place.pk == item.pk: break
        case .before(let place):
            let front = try space.previous(before: place.position).flatMap(self.place(at:))
            if front?.pk == item.pk { break }
            guard try moveRun(of: item.pk, behind: front?.pk) else { return }
        }
        try db.run(
            "UPDATE items SET link = ?, previous_upstream_id = ? WHERE pk = ?",
            [spot.link.kind.rawValue, spot.link.previous, item.pk]
        )
    }

    /// Deletes an item; what was chained to it takes over its link.
    ///
    /// Its upstream id stays known, without text, so that a late report does not bring it back and
    /// items whose predecessor it was still find their place. Summaries that cover it
    /// are emptied.
    func delete(_ item: Int64, _ owner: Owner) throws {
        guard let place = try place(pk: item) else { return }
        if let upstreamID = place.upstreamID {
            try bequeathLink(of: place, upstreamID: upstreamID)
            try db.run(
                """
                INSERT INTO deleted_items
                (conversation_pk, upstream_id, user_pk, link, previous_upstream_id)
                VALUES (?, ?, ?, ?, ?)
                """,
                [
                    conversation, upstreamID, owner.pk, place.link.kind.rawValue,
                    place.link.previous,
                ]
            )
        }
        let session = try session(of: item)
        try MessageNeighbours(db: db).forgetBehind(item)
        try db.run("DELETE FROM items WHERE pk = ?", [item])
        try outdateSummary(of: session, at: place.position)
    }

    private func bequeathLink(of place: Place, upstreamID: String) throws {
        guard let follower = try follower(of: place.position),
            follower.link.previous == upstreamID
        else { return }
        try db.run(
            "UPDATE items SET link = ?, previous_upstream_id = ? WHERE pk = ?",
            [place.link.kind.rawValue, place.link.previous, follower.pk]
        )
    }

    // MARK: - Finding the spot

    private enum Spot {
        case end
        case behind(Place)
        case before(Place)
    }

    private func spot(
        for placement: ItemPlacement,
        upstreamID: String?,
        session: Int64?
    ) throws -> (place: Spot, link: ItemLink) {
        switch try resolve(placement, upstreamID: upstreamID) {
        case .unspecified: return (.end, .unlinked)
        case .first:
            let first = try edge(of: session, last: false)
            return (first.map(Spot.before) ?? .end, ItemLink(kind: .first, previous: nil))
        case .after(let previous):
            if let place = try place(upstreamID: previous) {
                return (.behind(place), ItemLink(kind: .placed, previous: previous))
            }
            let last = session == nil ? nil : try edge(of: session, last: true)
            let link = ItemLink(kind: .waiting, previous: previous)
            return (last.map(Spot.behind) ?? .end, link)
        }
    }

    /// A placement whose predecessor is not a deleted item: those pass on their own.
    private func resolve(_ placement: ItemPlacement, upstreamID: String?) throws -> ItemPlacement {
        var placement = placement
        for _ in 0..<Self.longestDetour {
            guard case .after(let previous) = placement else { return placement }
            if previous == upstreamID { return .unspecified }
            guard let link = try deletedLink(previous) else { return placement }
            switch link.kind {
            case .unlinked: placement = .unspecified
            case .first: placement = .first
            case .waiting, .placed: placement = link.previous.map(ItemPlacement.after) ?? .first
            }
        }
        return .unspecified
    }

    private func positionBefore(_ position: Int64) throws -> Int64 {
        let previous = try space.previous(before: position)
        return try space.makeRoom(behind: previous).first ?? position
    }

    // MARK: - Moving runs

    /// Moves an item and what is chained to it directly behind another item, or to the front.
    ///
    /// Returns false, and moves nothing, when the other item is in the run itself (then the
    /// links form a circle) or the run is longer than ``longestMove``.
    @discardableResult
    private func moveRun(of item: Int64, behind anchor: Int64?) throws -> Bool {
        guard let start = try place(pk: item) else { return false }
        let target = try anchor.flatMap(place(pk:))
        if let target, try space.next(behind: target.position) == start.position { return true }
        guard let run = try run(from: start, longest: Self.longestMove),
            !run.contains(where: { $0.pk == target?.pk })
        else { return false }
        try move(run, behind: target)
        return true
    }

    /// Moves items directly behind another one, or to the front; the first of them that stand there
    /// already stay.
    private func move(_ items: [Place], behind target: Place?) throws {
        var last = target?.position
        var left = items[...]
        while let next = left.first, let end = last,
            try space.next(behind: end) == next.position
        {
            last = next.position
            left.removeFirst()
        }
        guard let lowest = left.map(\.position).min() else { return }
        try outdateSummaries(from: min(lowest, last ?? .min))
        let positions = try space.makeRoom(behind: last, count: left.count)
        for (item, position) in zip(left, positions) { try space.move(item.pk, to: position) }
    }

    /// The item and what directly follows it, as far as each one's predecessor is among them; nil
    /// when that is too long.
    private func run(from start: Place, longest: Int) throws -> [Place]? {
        var run: [Place] = []
        var seen: Set<String> = []
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT \(Place.columns) FROM items
                    WHERE conversation_pk = ? AND position >= ? ORDER BY position
                    """
            ),
            arguments: [conversation, start.position]
        )
        while let row = try cursor.next() {
            var reader = RowReader(row)
            let place = try Place(&reader)
            guard try place.pk == start.pk || isChained(place, to: seen) else { break }
            guard run.count < longest else { return nil }
            run.append(place)
            if let id = place.upstreamID { seen.insert(id) }
        }
        return run
    }

    private func isChained(_ place: Place, to seen: Set<String>) throws -> Bool {
        guard place.link.kind == .placed, let previous = place.link.previous else { return false }
        if seen.contains(previous) { return true }
        guard case .after(let live) = try resolve(.after(previous), upstreamID: nil) else {
            return false
        }
        return seen.contains(live)
    }
}
