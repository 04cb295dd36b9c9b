/// Rows in the order of their numbers, a page at a time, for exports.
///
/// A page begins behind the number that the one before ended with, so it does not matter whether
/// that row is still there.
actor RowPages<Element: Sendable> {
    private var place: Int64 = 0

    /// The next page; nil behind the last.
    func next(
        _ read: @Sendable (_ after: Int64) async throws -> [(pk: Int64, element: Element)]
    ) async throws -> [Element]? {
        let rows = try await read(place)
        guard let last = rows.last else { return nil }
        place = last.pk
        return rows.map(\.element)
    }
}
