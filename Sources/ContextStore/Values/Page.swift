/// Which part of a list is wanted.
public struct PageRequest<ID: Sendable>: Sendable {
    /// The order of a list.
    public enum Order: String, Sendable, CaseIterable {
        /// Oldest first.
        case ascending = "asc"
        /// Newest first.
        case descending = "desc"
    }

    /// How many objects at most, 1 to 100.
    public let limit: Int
    /// The order of the list.
    public let order: Order
    /// Only what comes behind this object in the list's order.
    public let after: ID?
    /// Only what comes before this object in the list's order.
    ///
    /// Alone it asks for the page that ends right before the object.
    public let before: ID?

    /// A wish for a page; a limit beyond 1 to 100 is brought within.
    public init(limit: Int = 20, order: Order = .descending, after: ID? = nil, before: ID? = nil) {
        self.limit = min(max(limit, 1), 100)
        self.order = order
        self.after = after
        self.before = before
    }
}

/// A part of a list.
public struct Page<Element: Sendable>: Sendable {
    /// The objects, in the list's order.
    public let elements: [Element]
    /// Whether the list goes on in the direction that was read.
    public let hasMore: Bool
}

extension Page: Equatable where Element: Equatable {}

extension Page {
    /// A page of a list that is at hand as a whole, its objects in rising order.
    ///
    /// - Throws: ``ContextStoreError/invalidCursor`` when a cursor names none of them.
    init<ID: Equatable>(
        of all: [Element],
        _ request: PageRequest<ID>,
        id: (Element) -> ID
    ) throws {
        let ordered = request.order == .ascending ? all : all.reversed()
        func index(_ wanted: ID?) throws -> Int? {
            guard let wanted else { return nil }
            guard let index = ordered.firstIndex(where: { id($0) == wanted }) else {
                throw ContextStoreError.invalidCursor
            }
            return index
        }
        let start = try index(request.after).map { $0 + 1 } ?? 0
        let end = try index(request.before) ?? ordered.count
        let range = ordered[min(start, end)..<end]
        let isBackward = request.before != nil && request.after == nil
        elements = Array(isBackward ? range.suffix(request.limit) : range.prefix(request.limit))
        hasMore = range.count > request.limit
    }
}
