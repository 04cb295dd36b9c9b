/// Takes everything that is, or looks like, a credential out of texts that upstream wrote.
///
/// Upstream's messages echo parts of the key that was sent. No run of 8 or more bytes of a known
/// key survives, no token that begins like a key, no masked key, and no `Authorization` value.
struct Scrubber: Sendable {
    /// What stands in place of what was taken out.
    static let mark = "<redacted>"

    private static let fragmentCount = 8

    private let shortKeys: [[UInt8]]
    private let fragments: Set<UInt64>

    /// A scrubber that knows some keys; it need not know any to find what looks like one.
    init(keys: [UpstreamKey]) {
        let all = keys.map { Array($0.plaintext.utf8) }
        shortKeys = all.filter { $0.count < Self.fragmentCount }
        fragments = Set(
            all.filter { $0.count >= Self.fragmentCount }.flatMap { key in
                (0...(key.count - Self.fragmentCount)).map { Self.pack(key, at: $0) }
            }
        )
    }

    /// The text with each secret run replaced by ``mark``.
    func scrub(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var isSecret = [Bool](repeating: false, count: bytes.count)
        for range in keyFragments(in: bytes) + CredentialPatterns.ranges(in: bytes) {
            for index in range { isSecret[index] = true }
        }
        guard isSecret.contains(true) else { return text }
        var output: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if !isSecret[index] {
                output.append(byte)
            } else if index == 0 || !isSecret[index - 1] {
                output += Self.mark.utf8
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private func keyFragments(in bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        if !fragments.isEmpty, bytes.count >= Self.fragmentCount {
            for start in 0...(bytes.count - Self.fragmentCount)
            where fragments.contains(Self.pack(bytes, at: start)) {
                ranges.append(start..<start + Self.fragmentCount)
            }
        }
        for key in shortKeys where bytes.count >= key.count {
            for start in 0...(bytes.count - key.count) {
                let range = start..<start + key.count
                if bytes[range].elementsEqual(key) { ranges.append(range) }
            }
        }
        return ranges
    }

    private static func pack(_ bytes: [UInt8], at start: Int) -> UInt64 {
        bytes[start..<start + fragmentCount].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
