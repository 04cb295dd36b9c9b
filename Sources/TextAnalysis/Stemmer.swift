private import CStemmer

/// Reduces English words to what their forms have in common, by Porter's algorithm.
///
/// "moved", "moves" and "moving" become "move" alike; words of other languages change little. One
/// stemmer serves one thread at a time, so each analysis makes its own, which is cheap.
///
/// Source: <https://tartarus.org/martin/PorterStemmer/>, as libstemmer has it.
public final class Stemmer {
    /// A `struct sb_stemmer *`, freed in `deinit`; nil when there was no memory for it.
    private let handle: OpaquePointer?

    /// Makes a stemmer.
    public init() {
        handle = sb_stemmer_new("porter", "UTF_8")
    }

    deinit {
        sb_stemmer_delete(handle)
    }

    /// The stem of one word in lower case; the word itself when there is nothing to reduce.
    public func stem(_ word: String) -> String {
        guard let handle else { return word }
        var word = word
        return word.withUTF8 { bytes in
            guard let stem = sb_stemmer_stem(handle, bytes.baseAddress, Int32(bytes.count)) else {
                return String(decoding: bytes, as: UTF8.self)
            }
            let length = Int(sb_stemmer_length(handle))
            return String(
                decoding: UnsafeBufferPointer(start: stem, count: length),
                as: UTF8.self
            )
        }
    }
}
