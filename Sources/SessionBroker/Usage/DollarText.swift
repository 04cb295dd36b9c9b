/// Amounts of dollars as decimal text, exact, because sums of binary fractions are not.
enum DollarText {
    /// An amount of billionths of a dollar: at least two decimals, and no more than it needs.
    static func make(nanodollars: Int64) -> String {
        let (whole, fraction) = nanodollars.magnitude.quotientAndRemainder(
            dividingBy: 1_000_000_000
        )
        var decimals = String(String(1_000_000_000 + fraction).dropFirst())
        while decimals.count > 2, decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(nanodollars < 0 ? "-" : "")\(whole).\(decimals)"
    }
}
