internal import GRDB

/// Turns a wish for a page into a range of one rising key, so that no page costs a scan.
struct Keyset {
    private let lower: Int64
    private let upper: Int64
    private let limit: Int
    private let isAscending: Bool
    /// Rows are read against the list's order, towards its start.
    private let isBackward: Bool

    /// A range for a page.
    ///
    /// - Throws: ``ContextStoreError/invalidCursor`` when a cursor has no key in this list.
    init<ID>(_ request: PageRequest<ID>, key: (ID) throws -> Int64?) throws {
        func bound(_ id: ID?) throws -> Int64? {
            guard let id else { return nil }
            guard let key = try key(id) else { throw ContextStoreError.invalidCursor }
            return key
        }
        let after = try bound(request.after)
        let before = try bound(request.before)
        let isRising = request.order == .ascending
        lower = (isRising ? after : before) ?? .min
        upper = (isRising ? before : after) ?? .max
        limit = request.limit
        isBackward = before != nil && after == nil
        isAscending = isRising != isBackward
    }

    /// The end of a query on a key column; takes ``arguments``.
    func condition(_ column: String) -> String {
        "\(column) > ? AND \(column) < ? ORDER BY \(column) \(isAscending ? "ASC" : "DESC") LIMIT ?"
    }

    /// The values of ``condition(_:)``: one row more than wanted tells whether the list goes on.
    var arguments: StatementArguments { [lower, upper, limit + 1] }

    /// The page that the rows of the query make.
    func page<Element>(_ rows: [Element]) -> Page<Element> {
        let elements = Array(rows.prefix(limit))
        return Page(
            elements: isBackward ? elements.reversed() : elements,
            hasMore: rows.count > limit
        )
    }
}
