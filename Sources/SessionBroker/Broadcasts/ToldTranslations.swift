internal import Captions

/// The translations that were told last, for those of their sources that are told anew.
struct ToldTranslations {
    /// So many are remembered; sources are told anew soon, if ever.
    static let limit = 64

    private var bySource: [Int64: Caption] = [:]

    /// What was told of a source.
    subscript(source: Caption) -> Caption? { bySource[source.sequence] }

    /// Takes note of what was told of a source, if anything was.
    mutating func note(_ translation: Caption?, of source: Caption) {
        guard let translation else { return }
        bySource[source.sequence] = translation
        if bySource.count > Self.limit, let first = bySource.keys.min() { bySource[first] = nil }
    }
}
