import Synchronization
import Testing

@testable import ContextStore

@Suite struct IdentifierTests {
    @Test func `an id is a prefix and 26 characters that show its time`() {
        let ids = IdentifierGenerator(
            now: { Timestamp(milliseconds: 1_469_918_176_385) },
            random: { 0 }
        )
        // The time part is the ULID specification's example, 01ARYZ6S41.
        #expect(ids.make(ConversationID.self).text == "conv_01aryz6s410000000000000000")
    }

    @Test func `ids rise strictly though the clock stands still or goes back`() {
        let clock = TestClock()
        let ids = IdentifierGenerator(now: { clock.now })
        let first = (0..<1_000).map { _ in ids.make(ItemID.self) }
        clock.advance(.seconds(-60))
        let later = (0..<1_000).map { _ in ids.make(ItemID.self) }
        #expect(zip(first + later, (first + later).dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func `every made id is accepted again`() {
        let ids = IdentifierGenerator()
        for _ in 0..<100 {
            let id = ids.make(SessionID.self)
            #expect(SessionID(id.text) == id)
        }
    }

    @Test(arguments: [
        "", "conv_", "01aryz6s410000000000000000", "msg_01aryz6s410000000000000000",
        "conv_01aryz6s41000000000000000", "conv_01aryz6s4100000000000000000",
        "conv_01ARYZ6S410000000000000000", "conv_01aryz6s41000000000000000u",
        "conv_81aryz6s410000000000000000", "conv_01aryz6s4100000000000000é",
    ])
    func `a malformed id is refused`(text: String) {
        #expect(ConversationID(text) == nil)
    }

    @Test(arguments: ["", "a\nb", "a\u{0}", "\u{85}", String(repeating: "x", count: 257)])
    func `a malformed user is refused`(text: String) {
        #expect(UserID(text) == nil)
    }

    @Test func `a user may have any name of 256 bytes`() {
        #expect(UserID(String(repeating: "é", count: 128))?.text.utf8.count == 256)
    }

    @Test func `times keep milliseconds and show whole seconds`() {
        #expect(Timestamp(seconds: 1_700_000_000.1239)?.milliseconds == 1_700_000_000_124)
        #expect(Timestamp(milliseconds: 1_999).seconds == 1)
        #expect(Timestamp(milliseconds: -1).seconds == -1)
        #expect(Timestamp(seconds: .infinity) == nil)
        #expect(Timestamp(seconds: -1) == nil)
    }
}
