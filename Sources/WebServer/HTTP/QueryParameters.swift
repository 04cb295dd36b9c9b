/// The query of a URL, `application/x-www-form-urlencoded`, decoded.
public struct QueryParameters: Sendable {
    /// All parameters in order; a name may come more than once.
    public let pairs: [(name: String, value: String)]

    /// Takes parameters that are decoded already.
    public init(pairs: [(name: String, value: String)]) {
        self.pairs = pairs
    }

    /// Decodes escapes in names and values; nil when one is damaged or is not UTF-8.
    init?(decoding raw: [(name: String, value: String)]) {
        var pairs: [(name: String, value: String)] = []
        for pair in raw {
            guard let name = PercentCoding.decode(pair.name.utf8),
                let value = PercentCoding.decode(pair.value.utf8)
            else { return nil }
            pairs.append((name, value))
        }
        self.pairs = pairs
    }

    /// The last value of a name.
    public subscript(name: String) -> String? {
        pairs.last { $0.name == name }?.value
    }
}
