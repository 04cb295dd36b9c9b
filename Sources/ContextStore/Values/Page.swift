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
