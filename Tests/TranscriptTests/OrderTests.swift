import Testing
import Transcript

@Suite struct OrderTests {
    @Test func `items stand behind the predecessor that their announcement names`() {
        let lines = Replay.lines(
            .itemAdded(.typed("a", "one"), after: .first),
            .itemAdded(.typed("c", "three"), after: .item("a")),
            .itemAdded(.typed("b", "two"), after: .item("a"))
        )
        #expect(lines == ["user: one", "user: two", "user: three"])
    }

    @Test func `an ending that names no predecessor moves nothing`() {
        let stored = Replay.stored(
            [
                .itemAdded(.typed("a", "one"), after: .first),
                .itemAdded(.answer("b"), after: .item("a")),
                .itemDone(.answer("b", "two"), after: .first),
            ],
            isFinished: false
        )
        #expect(stored.lines == ["user: one", "assistant: two"])
        #expect(stored.items["b"]?.predecessor == .item("a"))
    }

    @Test func `an ending that was never announced gives its predecessor`() {
        let item = Replay.item(
            "b",
            .itemAdded(.typed("a", "one"), after: .first),
            .itemDone(.answer("b", "two"), after: .item("a"))
        )
        #expect(item?.predecessor == .item("a"))
    }

    @Test func `an ending without a predecessor leaves the place open for the announcement`() {
        let lines = Replay.lines(
            .itemAdded(.typed("a", "one"), after: .first),
            .itemDone(.answer("b", "two"), after: .first),
            .itemAdded(.typed("c", "three"), after: .item("b")),
            .itemAdded(.answer("b"), after: .item("a"))
        )
        #expect(lines == ["user: one", "assistant: two", "user: three"])
    }

    @Test func `a later announcement does not move an item`() {
        let item = Replay.item(
            "b",
            .itemAdded(.typed("b", "text"), after: .item("a")),
            .itemAdded(.typed("b", "text"), after: .item("x"))
        )
        #expect(item?.predecessor == .item("a"))
    }

    @Test func `an item is not its own predecessor`() {
        let item = Replay.item("a", .itemAdded(.typed("a", "text"), after: .item("a")))
        #expect(item?.predecessor == .unknown)
    }

    @Test func `items behind a deleted one stand behind what was before it`() {
        let item = Replay.item(
            "c",
            .itemAdded(.typed("a", "one"), after: .first),
            .itemAdded(.typed("b", "two"), after: .item("a")),
            .itemDeleted(id: "b"),
            .itemAdded(.typed("c", "three"), after: .item("b"))
        )
        #expect(item?.predecessor == .item("a"))
    }

    @Test func `left out items that name each other give no place, and no endless search`() {
        let item = Replay.item(
            "c",
            .itemAdded(.typed("a", "one"), after: .item("b")),
            .itemAdded(.typed("b", "two"), after: .item("a")),
            .itemDeleted(id: "a"),
            .itemDeleted(id: "b"),
            .itemAdded(.typed("c", "three"), after: .item("b"))
        )
        #expect(item?.predecessor == .unknown)
    }
}
