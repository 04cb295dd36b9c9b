/// A number for monitoring, in Prometheus' text format.
struct Metric {
    /// What kind of number it is.
    enum Kind: String {
        case gauge
        case counter
    }

    let name: String
    let kind: Kind
    let help: String
    /// Labels with their braces, if any.
    var labels = ""
    let value: Int

    /// The lines that describe numbers and say their values; those of one name stand together, and
    /// are described once.
    static func text(_ metrics: [Metric]) -> String {
        var described: Set<String> = []
        return metrics.map { metric in
            let value = "\(metric.name)\(metric.labels) \(metric.value)\n"
            guard described.insert(metric.name).inserted else { return value }
            return """
                # HELP \(metric.name) \(metric.help)
                # TYPE \(metric.name) \(metric.kind.rawValue)
                \(value)
                """
        }.joined()
    }
}
