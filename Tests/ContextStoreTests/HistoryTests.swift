import GRDB
import Testing

@testable import ContextStore

@Suite struct HistoryTests {
    private let clock = TestClock()
    private let ann: UserStore

    init() throws {
        ann = try ContextStore.make(clock: clock).user(named: "ann")
    }

    @Test func `a segment is what one session said, or what none did`() async throws {
        let session = try await ann.makeSession()
        let id = session.conversationID
        for number in 0..<6 {
            let place = number.isMultiple(of: 2) ? session.id : nil
            _ = try await ann.append(.make("\(number)", in: place), to: id)
        }
        func read(_ session: SessionID?, _ end: SegmentEnd) async throws -> [String] {
            try await ann.segment(of: id, session: session, end, limit: 2).items.map(\.content)
        }
        #expect(try await read(session.id, .first) == ["0", "2"])
        #expect(try await read(session.id, .last) == ["2", "4"])
        #expect(try await read(nil, .first) == ["1", "3"])
        #expect(try await read(nil, .last) == ["3", "5"])
        let other = try await ann.makeSession()
        await #expect(throws: ContextStoreError.notFound(.session)) {
            try await read(other.id, .first)
        }
    }

    @Test func `the latest items of a conversation leave one session out`() async throws {
        let one = try await ann.makeSession()
        let startedAt = clock.now
        clock.advance(.seconds(60))
        let two = try await ann.makeSession(in: one.conversationID)
        let id = one.conversationID
        for number in 0..<4 { _ = try await ann.append(.make("a\(number)", in: one.id), to: id) }
        _ = try await ann.append(.make("outside"), to: id)
        _ = try await ann.append(.make("b", in: two.id), to: id)
        let latest = try await ann.latestItems(of: id, limit: 3, excluding: two.id)
        #expect(latest.map(\.item.content) == ["a2", "a3", "outside"])
        #expect(latest.map(\.sessionStartedAt) == [startedAt, startedAt, nil])
        let all = try await ann.latestItems(of: id, limit: 2)
        #expect(all.map(\.item.content) == ["outside", "b"])
    }

    @Test func `the latest items of a user span conversations, the latest one last`() async throws {
        let first = try await ann.makeSession()
        let second = try await ann.makeSession()
        let silent = try await ann.makeConversation()
        for number in 0..<3 {
            clock.advance(.seconds(1))
            _ = try await ann.append(
                .make("a\(number)", in: first.id),
                to: first.conversationID
            )
        }
        for number in 0..<2 {
            clock.advance(.seconds(1))
            _ = try await ann.append(
                .make("b\(number)", in: second.id),
                to: second.conversationID
            )
        }
        let latest = try await ann.latestItems(limit: 4)
        #expect(latest.map(\.item.content) == ["a1", "a2", "b0", "b1"])
        let others = try await ann.latestItems(limit: 4, excluding: second.id)
        #expect(others.map(\.item.content) == ["a0", "a1", "a2"])
        #expect(latest.allSatisfy { $0.item.conversationID != silent })
        #expect(try await ann.latestItems(limit: 0) == [])
    }

    @Test func `an export gives every item once, in pages`() async throws {
        let id = try await ann.makeConversation()
        _ = try await ann.append((0..<250).map { .make("\($0)") }, to: id)
        var sizes: [Int] = []
        var contents: [String] = []
        for try await page in ann.allItems(of: id, pageSize: 100) {
            sizes.append(page.count)
            contents += page.map(\.content)
        }
        #expect(sizes == [100, 100, 50])
        #expect(contents == (0..<250).map(String.init))
    }

    @Test func `an export neither skips nor doubles what is moved meanwhile`() async throws {
        let store = try ContextStore.make()
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        let items = (0..<4).map { NewItem.make("\($0)", id: "\($0)") }
        _ = try await ann.append(items, to: id)
        var contents: [String] = []
        for try await page in ann.allItems(of: id, pageSize: 2) {
            contents += page.map(\.content)
            guard contents.count == 2 else { continue }
            try await store.database.writeWithoutTransaction { db in
                try db.execute(sql: "UPDATE items SET position = position + 500000000")
            }
        }
        #expect(contents == ["0", "1", "2", "3"])
    }

    @Test func `the last message is the latest, also behind a deletion`() async throws {
        let store = try ContextStore.make()
        let ann = store.user(named: "ann")
        let id = try await ann.makeConversation()
        var late = NewItem.make("late")
        late.createdAt = Timestamp(milliseconds: 5_000)
        var early = NewItem.make("early")
        early.createdAt = Timestamp(milliseconds: 1_000)
        let gone = NewItem.make("gone")
        let stored = try await ann.append([late, early, gone], to: id)
        try await ann.deleteItem(stored[2].item.id)
        let last = try await ann.conversation(id).lastMessageAt
        #expect(last == Timestamp(milliseconds: 5_000))
    }
}
