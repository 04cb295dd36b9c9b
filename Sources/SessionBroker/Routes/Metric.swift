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

    /// The lines that describe it and say its value.
    var text: String {
        """
        # HELP \(name) \(help)
        # TYPE \(name) \(kind.rawValue)
        \(name)\(labels) \(value)

        """
    }
}
