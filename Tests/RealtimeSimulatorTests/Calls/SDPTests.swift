import JSON
import Testing

@testable import RealtimeSimulator

@Suite struct SDPTests {
    private static func answer(_ lines: [String]) throws -> [String] {
        let text = lines.joined(separator: "\r\n") + "\r\n"
        var identifiers = Identifiers(seed: 1)
        let answer = SDPAnswer(to: try SDPOffer(Array(text.utf8)), identifiers: &identifiers)
        #expect(answer.text.hasSuffix("\r\n"))
        return answer.text.split(separator: "\r\n").map(String.init)
    }

    @Test func `an answer is ICE-lite, one bundle, Opus first, with the data channel`() throws {
        let lines = try Self.answer(Offer.lines)
        #expect(lines.first == "v=0")
        #expect(lines.contains("a=ice-lite"))
        #expect(lines.contains("a=group:BUNDLE 0 1"))
        // G.722 and telephone events of the offer are left out.
        #expect(lines.contains("m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8"))
        #expect(lines.contains("a=fmtp:111 minptime=10;useinbandfec=1"))
        #expect(lines.contains("m=application 9 UDP/DTLS/SCTP webrtc-datachannel"))
        #expect(lines.contains("a=max-message-size:1073741823"))
        #expect(lines.filter { $0 == "a=setup:passive" }.count == 2)
        #expect(lines.filter { $0.hasPrefix("a=candidate:") }.count == 2)
        let fingerprint = lines.first { $0.hasPrefix("a=fingerprint:sha-256 ") }
        #expect(fingerprint?.split(separator: " ")[1].split(separator: ":").count == 32)
    }

    @Test func `an offer without a data channel is good, and pictures are turned down`() throws {
        let audio = Array(Offer.lines.prefix { !$0.hasPrefix("m=application") })
        let lines = try Self.answer(
            audio + ["m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:1", "a=rtpmap:96 VP8/90000"]
        )
        #expect(lines.contains("m=video 0 UDP/TLS/RTP/SAVPF 0"))
        #expect(lines.contains("a=group:BUNDLE 0"))
    }

    @Test func `whoever waits for the handshake is called`() throws {
        let lines = Offer.lines.map { $0 == "a=setup:actpass" ? "a=setup:passive" : $0 }
        #expect(try Self.answer(lines).contains("a=setup:active"))
    }

    @Test(
        arguments: [
            "", "hello", String(Offer.text.dropLast()), "v=0\r\n",
            Offer.text.replacing("s=-\r\n", with: ""), Offer.text.replacing("v=0\r\n", with: ""),
            Offer.text.replacing("a=ice-pwd:0123456789abcdefghijklmn\r\n", with: ""),
            Offer.text.replacing("m=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 8 126", with: "m=audio"),
            Offer.text + "no line\r\n", Offer.text + String(repeating: "a=x\r\n", count: 60_000),
        ]
    )
    func `what is no offer is refused`(text: String) {
        let error = #expect(throws: JSONError.self) { try SDPOffer(Array(text.utf8)) }
        #expect(error?.code == "invalid_offer")
    }

    @Test func `lines may end as they did in a recorded offer that was taken`() throws {
        let offer = try SDPOffer(Array(Offer.text.replacing("\r\n", with: "\n").utf8))
        #expect(offer.sections.map(\.kind) == ["audio", "application"])
    }
}
