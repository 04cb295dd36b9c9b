/// An answer with the form of upstream's: ICE-lite, one bundle, Opus first.
///
/// Nobody listens at its addresses, which are those set aside for documentation (RFC 5737): the
/// simulator itself carries no media.
struct SDPAnswer: Sendable {
    let text: String

    private static let candidates = [
        "candidate:1352698770 1 udp 2130706431 192.0.2.1 3478 typ host",
        "candidate:2321888134 1 tcp 1671430143 192.0.2.1 443 typ host tcptype passive",
    ]

    init(to offer: SDPOffer, identifiers: inout Identifiers) {
        let ice = (user: identifiers.token(16), password: identifiers.token(32))
        let mids = offer.sections.filter(Self.isAccepted).compactMap(\.mid)
        var lines = [
            "v=0", "o=- \(identifiers.number()) \(identifiers.number()) IN IP4 0.0.0.0", "s=-",
            "t=0 0", "a=msid-semantic:WMS *", "a=fingerprint:sha-256 \(identifiers.fingerprint())",
            "a=ice-lite", "a=group:BUNDLE \(mids.joined(separator: " "))",
        ]
        var isFirst = true
        for section in offer.sections {
            guard Self.isAccepted(section) else {
                lines.append("m=\(section.kind) 0 \(section.media[2]) 0")
                lines += ["c=IN IP4 0.0.0.0"] + section.mid.map { ["a=mid:\($0)"] }.orEmpty
                continue
            }
            lines += Self.lines(section, setup: offer.setup(of: section), ice, isFirst)
            isFirst = false
        }
        text = lines.joined(separator: "\r\n") + "\r\n"
    }

    /// Upstream has no use for pictures.
    private static func isAccepted(_ section: SDPOffer.Section) -> Bool {
        switch section.kind {
        case "audio": !codecs(section).isEmpty
        case "application": section.formats.contains("webrtc-datachannel")
        default: false
        }
    }

    private static func lines(
        _ section: SDPOffer.Section,
        setup: String,
        _ ice: (user: String, password: String),
        _ isFirst: Bool
    ) -> [String] {
        let isAudio = section.kind == "audio"
        let formats = isAudio ? codecs(section).map(\.type) : ["webrtc-datachannel"]
        var lines = [
            "m=\(section.kind) 9 \(section.media[2]) \(formats.joined(separator: " "))",
            "c=IN IP4 0.0.0.0", "a=setup:\(setup == "passive" ? "active" : "passive")",
        ]
        lines += section.mid.map { ["a=mid:\($0)"] }.orEmpty
        let credentials = ["a=ice-ufrag:\(ice.user)", "a=ice-pwd:\(ice.password)"]
        if isAudio {
            lines += credentials + ["a=rtcp-mux", "a=rtcp-rsize"]
            for codec in codecs(section) {
                lines.append("a=rtpmap:\(codec.type) \(codec.name)")
                if codec.isOpus { lines.append("a=fmtp:\(codec.type) minptime=10;useinbandfec=1") }
            }
            lines += ["a=msid:realtimeapi audio", "a=sendrecv"]
        } else {
            lines += ["a=sendrecv", "a=sctp-port:5000", "a=max-message-size:1073741823"]
            lines += credentials
        }
        if isFirst { lines += candidates.map { "a=\($0) ufrag \(ice.user)" } }
        return lines
    }

    private struct Codec {
        let type: String
        let name: String
        var isOpus: Bool { name.lowercased().hasPrefix("opus") }
    }

    /// What both sides can do; the static types of RFC 3551 need no `rtpmap`.
    private static func codecs(_ section: SDPOffer.Section) -> [Codec] {
        let names = ["opus/48000/2", "pcmu/8000", "pcma/8000"]
        var maps = ["0": "PCMU/8000", "8": "PCMA/8000"]
        for line in section.attributes["rtpmap"] ?? [] {
            let words = line.split(separator: " ").map(String.init)
            if words.count == 2 { maps[words[0]] = words[1] }
        }
        let offered = section.formats.compactMap { type in
            maps[type].map { Codec(type: type, name: $0) }
        }
        return names.flatMap { name in
            offered.filter { $0.name.lowercased() == name }.prefix(1)
        }
    }
}

extension [String]? {
    fileprivate var orEmpty: [String] { self ?? [] }
}
