private import Foundation

/// Makes words alike that differ in case or accents only.
enum Folding {
    /// A word in lower case without its combining marks ("Zoë" becomes "zoe").
    ///
    /// Only the marks of the blocks "Combining Diacritical Marks" go: those of other scripts are
    /// letters of their own, as the vowel signs of Indic ones.
    static func folded(_ word: String) -> String {
        let decomposed = word.lowercased().decomposedStringWithCanonicalMapping
        var kept = String.UnicodeScalarView()
        for scalar in decomposed.unicodeScalars where !isAccent(scalar) { kept.append(scalar) }
        return String(kept)
    }

    private static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        (0x0300...0x036F).contains(scalar.value) || (0x1AB0...0x1AFF).contains(scalar.value)
    }
}
