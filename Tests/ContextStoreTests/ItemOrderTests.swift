import Testing

@testable import ContextStore

@Suite struct ItemOrderTests {
    private let store: ContextStore
    private let ann: UserStore

    init() throws {
        store = try ContextStore.make()
        ann = store.user(named: "ann")
    }

    private func chain(_ name: String, _ count: Int, in session: SessionID? = nil) -> [NewItem] {
        (0..<count).map { index in
            .make(
                "\(name)\(index)",
                id: "\(name)\(index)",
                after: index == 0 ? .first : .after("\(name)\(index - 1)"),
                in: session
            )
        }
    }

    /// Positions are strictly rising and as the items say.
    private func expectSound(_ conversation: ConversationID) async throws {
        var last = Int64.min
        for try await page in ann.allItems(of: conversation) {
            for item in page {
                #expect(item.position > last)
                #expect(abs(item.position) <= 1 << 53)
                last = item.position
            }
        }
    }

    @Test func `a late transcript stands before the answer`() async throws {
        let session = try await ann.makeSession()
        let id = session.conversationID
        _ = try await ann.append(.make("answer", id: "b", after: .after("a")), to: id)
        _ = try await ann.append(.make("question", id: "a", after: .first), to: id)
        #expect(try await ann.contents(of: id) == ["question", "answer"])
    }

    @Test func `every order of arrival of a short chain gives one order`() async throws {
        let items = chain("a", 5)
        for order in permutations(Array(items.indices)) {
            let id = try await ann.makeConversation()
            for index in order { _ = try await ann.append(items[index], to: id) }
            #expect(try await ann.contents(of: id) == items.map(\.content), "\(order)")
        }
    }

    @Test(arguments: 0..<40)
    func `shuffled chains of several sessions come out in order`(seed: UInt64) async throws {
        var random = SeededRandom(state: seed)
        let id = try await ann.makeConversation()
        var chains: [[NewItem]] = []
        for name in ["a", "b", "c"] {
            let session = try await ann.makeSession(in: id)
            let count = Int.random(in: 1...12, using: &random)
            chains.append(chain(name, count, in: session.id))
        }
        for item in chains.joined().shuffled(using: &random) {
            _ = try await ann.append(item, to: id)
        }
        let contents = try await ann.contents(of: id)
        for chain in chains {
            let expected = chain.map(\.content)
            let start = try #require(contents.firstIndex(of: expected[0]))
            #expect(Array(contents[start...].prefix(expected.count)) == expected)
        }
        #expect(contents.count == chains.joined().count)
        try await expectSound(id)
    }

    @Test(arguments: 0..<20)
    func `items without a link keep out of the way of chains`(seed: UInt64) async throws {
        var random = SeededRandom(state: seed)
        let session = try await ann.makeSession()
        let id = session.conversationID
        let items = chain("a", 10, in: session.id)
        let others = (0..<10).map { NewItem.make("x\($0)") }
        var arrival = items.shuffled(using: &random)
        for other in others {
            arrival.insert(other, at: Int.random(in: 0...arrival.count, using: &random))
        }
        for item in arrival { _ = try await ann.append(item, to: id) }
        let contents = try await ann.contents(of: id)
        #expect(contents.filter { $0.hasPrefix("a") } == items.map(\.content))
        #expect(contents.count == 20)
        try await expectSound(id)
    }

    @Test func `the first item of a later session stands behind the earlier one`() async throws {
        let one = try await ann.makeSession()
        let two = try await ann.makeSession(in: one.conversationID)
        let id = one.conversationID
        _ = try await ann.append(chain("a", 3, in: one.id), to: id)
        _ = try await ann.append(chain("b", 3, in: two.id), to: id)
        #expect(try await ann.contents(of: id) == ["a0", "a1", "a2", "b0", "b1", "b2"])
    }

    @Test func `an item behind a known one stands directly behind it`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(chain("a", 3), to: id)
        _ = try await ann.append(.make("x", id: "x", after: .after("a0")), to: id)
        _ = try await ann.append(.make("y", id: "y", after: .after("a0")), to: id)
        #expect(try await ann.contents(of: id) == ["a0", "y", "x", "a1", "a2"])
    }

    @Test func `a first known predecessor places an item with all that follows it`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("b", id: "b"), to: id)
        _ = try await ann.append(.make("c", id: "c", after: .after("b")), to: id)
        _ = try await ann.append(.make("x"), to: id)
        _ = try await ann.append(.make("a", id: "a"), to: id)
        let moved = try await ann.append(.make("b", id: "b", after: .after("a")), to: id)
        #expect(try await ann.contents(of: id) == ["x", "a", "b", "c"])
        #expect(try await ann.item(moved.item.id).position == moved.item.position)
    }

    @Test func `a placed item does not move again`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(chain("a", 3), to: id)
        _ = try await ann.append(.make("a2", id: "a2", after: .after("a0")), to: id)
        _ = try await ann.append(.make("a1", id: "a1", after: .first), to: id)
        #expect(try await ann.contents(of: id) == ["a0", "a1", "a2"])
    }

    @Test func `items that wait for each other, or for themselves, are kept once`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(.make("a", id: "a", after: .after("b")), to: id)
        _ = try await ann.append(.make("b", id: "b", after: .after("a")), to: id)
        _ = try await ann.append(.make("c", id: "c", after: .after("c")), to: id)
        #expect(try await ann.contents(of: id) == ["a", "b", "c"])
    }

    @Test(arguments: 0..<4)
    func `a deleted item still links its neighbours`(deleted: Int) async throws {
        let items = chain("a", 4)
        for order in permutations(Array(items.indices)) {
            let id = try await ann.makeConversation()
            var isDeleted = false
            for index in order {
                let item = try await ann.append(items[index], to: id).item
                if index == deleted {
                    try await ann.deleteItem(item.id)
                    isDeleted = true
                }
            }
            let expected = items.map(\.content).filter { $0 != "a\(deleted)" }
            #expect(isDeleted)
            #expect(try await ann.contents(of: id) == expected, "\(order)")
        }
    }

    @Test func `thousands of items at one spot stay in order`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append(chain("a", 50), to: id)
        for start in stride(from: 0, to: 3_000, by: 100) {
            let items = (start..<start + 100).map {
                NewItem.make("x\($0)", id: "x\($0)", after: .after("a20"))
            }
            _ = try await ann.append(items, to: id)
        }
        let expected =
            (0...20).map { "a\($0)" } + (0..<3_000).reversed().map { "x\($0)" }
            + (21..<50).map { "a\($0)" }
        #expect(try await ann.contents(of: id) == expected)
        try await expectSound(id)
    }

    @Test(arguments: 0..<5)
    func `items at random spots stay in order`(seed: UInt64) async throws {
        var random = SeededRandom(state: seed)
        let id = try await ann.makeConversation()
        var expected: [String] = []
        var items: [NewItem] = []
        for number in 0..<1_500 {
            // Half of them near the front, where room runs out first.
            let spot = Int.random(in: 0...expected.count, using: &random)
            let place = Bool.random(using: &random) ? min(spot, 3) : spot
            let placement = place == 0 ? ItemPlacement.first : .after(expected[place - 1])
            items.append(.make("\(number)", id: "\(number)", after: placement))
            expected.insert("\(number)", at: place)
        }
        _ = try await ann.append(items, to: id)
        #expect(try await ann.contents(of: id) == expected)
        try await expectSound(id)
    }

    @Test func `all that waited for an item stands behind it in the order of its arrival`()
        async throws
    {
        let id = try await ann.makeConversation()
        let waiting = (0..<300).map { NewItem.make("w\($0)", id: "w\($0)", after: .after("x")) }
        let between = (0..<300).map { NewItem.make("b\($0)", id: "b\($0)") }
        _ = try await ann.append(zip(waiting, between).flatMap { [$0, $1] }, to: id)
        _ = try await ann.append(.make("x", id: "x"), to: id)
        let contents = try await ann.contents(of: id)
        #expect(
            contents.filter { $0.hasPrefix("w") || $0 == "x" } == ["x"] + waiting.map(\.content)
        )
        #expect(contents.firstIndex(of: "w299") == contents.firstIndex(of: "x").map { $0 + 300 })
        #expect(contents.filter { $0.hasPrefix("b") } == between.map(\.content))
        try await expectSound(id)
    }

    @Test func `what waits in order already is not moved`() async throws {
        let id = try await ann.makeConversation()
        let waiting = (0..<90).map { NewItem.make("w\($0)", id: "w\($0)", after: .after("x")) }
        let before = try await ann.append(waiting, to: id).map(\.item.position)
        _ = try await ann.append(.make("x", id: "x"), to: id)
        let after = try await ann.items(of: id, PageRequest(limit: 400, order: .ascending)).elements
        #expect(after.map(\.content) == ["x"] + waiting.map(\.content))
        #expect(after.dropFirst().map(\.position) == before)
    }

    @Test func `an item behind a spread stands last, in one request`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append([.make("a", id: "a"), .make("z", id: "z")], to: id)
        // Each goes directly behind the first, until there is no room and the others are spread.
        let crowd = (0..<60).map { NewItem.make("c\($0)", id: "c\($0)", after: .after("a")) }
        let mixed = crowd.flatMap { [$0, NewItem.make("e", id: "e\($0.content)")] }
        _ = try await ann.append(mixed, to: id)
        let contents = try await ann.contents(of: id)
        #expect(
            contents == ["a"] + crowd.map(\.content).reversed() + ["z"]
                + Array(repeating: "e", count: 60)
        )
        try await expectSound(id)
    }
}

private func permutations(_ values: [Int]) -> [[Int]] {
    guard let last = values.last else { return [[]] }
    return permutations(Array(values.dropLast())).flatMap { shorter in
        (0...shorter.count).map { place in
            var longer = shorter
            longer.insert(last, at: place)
            return longer
        }
    }
}
