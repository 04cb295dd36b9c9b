internal import JSON

/// The offer of a WebRTC call (RFC 8866), as far as an answer depends on it.
struct SDPOffer: Sendable {
    /// One media section.
    struct Section: Sendable, Equatable {
        /// The words of the `m=` line: kind, port, protocol and formats.
        let media: [String]
        /// The `a=` lines, names with all their values in order.
        var attributes: [String: [String]] = [:]

        var kind: String { media[0] }
        var mid: String? { attributes["mid"]?.first }
        /// Payload types or the name of the data channel's protocol.
        var formats: [String] { Array(media.dropFirst(3)) }
    }

    private static let limitBytes = 256 * 1_024

    private(set) var sections: [Section] = []
    private var attributes: [String: [String]] = [:]

    /// Reads an offer.
    ///
    /// - Throws: `JSONError` with upstream's code `invalid_offer`.
    init(_ bytes: [UInt8]) throws(JSONError) {
        guard bytes.count <= Self.limitBytes else { throw Self.error("it is too long") }
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
            throw Self.error("it is empty or no text")
        }
        // Each line ends with CRLF (RFC 8866, 5), which parsers that insist on it see at the end.
        guard bytes.last == 0x0A else { throw Self.error("its last line has no end") }
        var kinds: [Character] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let pieces = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pieces.count == 2, pieces[0].utf8.count == 1, let kind = pieces[0].first else {
                throw Self.error("`\(line.prefix(32))` is no line of SDP")
            }
            kinds.append(kind)
            try read(kind, String(pieces[1]))
        }
        guard text.hasPrefix("v=0"), kinds.contains("o"), kinds.contains("s") else {
            throw Self.error("it does not begin with v=0, o= and s=")
        }
        try checkSections()
    }

    private mutating func read(_ kind: Character, _ value: String) throws(JSONError) {
        switch kind {
        case "m":
            let words = value.split(separator: " ").map(String.init)
            guard words.count >= 4 else { throw Self.error("`m=\(value.prefix(32))` is too short") }
            sections.append(Section(media: words))
        case "a":
            let pieces = value.split(separator: ":", maxSplits: 1)
            let name = pieces.first.map(String.init) ?? ""
            let content = pieces.count > 1 ? String(pieces[1]) : ""
            if sections.isEmpty {
                attributes[name, default: []].append(content)
            } else {
                sections[sections.count - 1].attributes[name, default: []].append(content)
            }
        default: break
        }
    }

    private func checkSections() throws(JSONError) {
        guard !sections.isEmpty else { throw Self.error("it has no media") }
        for section in sections where section.media[1] != "0" {
            for name in ["ice-ufrag", "ice-pwd", "fingerprint"]
            where section.attributes[name] == nil && attributes[name] == nil {
                // The sections of a bundle may leave it to the first one.
                guard sections.contains(where: { $0.attributes[name] != nil }) else {
                    throw Self.error("it has no a=\(name)")
                }
            }
        }
    }

    /// What the offerer does in the DTLS handshake.
    func setup(of section: Section) -> String {
        section.attributes["setup"]?.first ?? attributes["setup"]?.first ?? "actpass"
    }

    private static func error(_ reason: String) -> JSONError {
        JSONError(code: "invalid_offer", message: "The SDP offer cannot be used: \(reason).")
    }
}
