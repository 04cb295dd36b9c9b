import GRDB
import JSON
import TextAnalysis
import Testing

@testable import ContextStore

@Suite struct RecallTests {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)

    /// Ann's store with messages in one session, indexed.
    private func world(_ texts: [String]) async throws -> (ContextStore, UserStore, Session) {
        let store = try ContextStore.make()
        let user = store.user()
        let session = try await user.makeSession()
        let items = texts.map { NewItem.make($0, in: session.id) }
        _ = try await user.append(items, to: session.conversationID)
        try await store.index()
        return (store, user, session)
    }

    private func query(
        _ phrasings: String...,
        limit: Int = 20,
        in conversation: ConversationID? = nil,
        from: Timestamp? = nil,
        to: Timestamp? = nil
    ) -> RecallQuery {
        RecallQuery(
            phrasings: phrasings,
            limit: limit,
            conversation: conversation,
            from: from,
            to: to,
            now: Self.now
        )
    }

    @Test func `a message is found with what was said around it`() async throws {
        let (_, user, session) = try await world(["Hello.", "My kettle is red.", "I like it."])
        let hit = try #require(try await user.recall(query("kettles")).first)
        #expect(hit.item.content == "My kettle is red.")
        #expect(hit.before?.content == "Hello.")
        #expect(hit.after?.content == "I like it.")
        #expect(hit.sessionStartedAt == session.createdAt)
        #expect(hit.score > 0 && hit.score <= 1)
        let pieces: [RecallSnippet.Piece] = [
            .init("My "), .init("kettle", isMatch: true), .init(" is red."),
        ]
        #expect(hit.snippet.pieces == pieces)
    }

    @Test(arguments: [
        "\"", "\"kettle", "kettle*", "kettle AND", "NOT kettle", "owner:u2 kettle", "kettle)",
        "^kettle",
        "NEAR(kettle", "kettle 🫖", "kettle ²½", "{kettle} - +", "terms:\"kettle\" OR x",
        "'; kettle --", "ka\u{D4E}\" kettle",
    ])
    func `any text is a query and never a query language`(_ text: String) async throws {
        let (_, user, _) = try await world(["My kettle is red."])
        let hits = try await user.recall(query(text))
        #expect(hits.count == (text == "\"" ? 0 : 1))
    }

    @Test func `nothing to look for means no hits`() async throws {
        let (store, user, _) = try await world(["I see a kettle."])
        for text in ["", "?", "the", "a", "unheard"] {
            #expect(try await user.recall(query(text)).isEmpty, "\(text)")
        }
        #expect(try await user.recall(RecallQuery(phrasings: [], now: Self.now)).isEmpty)
        #expect(try await store.user(named: "nobody").recall(query("kettle")).isEmpty)
    }

    @Test func `one character and pairs of them are found in scripts without spaces`() async throws
    {
        let (_, user, _) = try await world(["昨日は東京に行きました", "猫が好き"])
        #expect(try await user.recall(query("東京")).first?.item.content == "昨日は東京に行きました")
        let hit = try #require(try await user.recall(query("猫")).first)
        #expect(hit.item.content == "猫が好き")
        let tokyo = try #require(try await user.recall(query("東京")).first)
        #expect(tokyo.snippet.pieces.filter(\.isMatch).map(\.text) == ["東京"])
    }

    @Test func `users find their own messages alone, and rank by their own words alone`()
        async throws
    {
        let (store, ann, _) = try await world(["The kettle is red.", "A kettle and a spoon."])
        let before = try await ann.recall(query("kettle spoon"))
        let bob = store.user(named: "bob")
        let id = try await bob.makeConversation()
        _ = try await bob.append((0..<50).map { .make("kettle spoon \($0)") }, to: id)
        try await store.index()
        #expect(try await ann.recall(query("kettle spoon")) == before)
        #expect(before.count == 2)
        #expect(try await bob.recall(query("red")).isEmpty)
        await #expect(throws: ContextStoreError.notFound(.conversation)) {
            _ = try await ann.recall(query("kettle", in: id))
        }
    }

    @Test func `a conversation can be looked through alone`() async throws {
        let (store, user, session) = try await world(["The kettle is red."])
        let other = try await user.makeConversation()
        _ = try await user.append(.make("The kettle is blue."), to: other)
        try await store.index()
        #expect(try await user.recall(query("kettle")).count == 2)
        let hits = try await user.recall(query("kettle", in: other))
        #expect(hits.map(\.item.content) == ["The kettle is blue."])
        #expect(hits.first?.sessionStartedAt == nil)
        #expect(
            try await user.recall(query("kettle", in: session.conversationID)).map(\.item.content)
                == ["The kettle is red."]
        )
    }

    @Test func `messages are found within a time alone, its ends included`() async throws {
        let store = try ContextStore.make()
        let user = store.user()
        let id = try await user.makeConversation()
        let day: Int64 = 86_400_000
        let times = [0, 10, 200, 4_000].map { Timestamp(milliseconds: $0 * day) }
        for time in times {
            let item = NewItem(role: .user, content: "kettle \(time.seconds)", createdAt: time)
            _ = try await user.append(item, to: id)
        }
        try await store.index()
        func found(_ from: Timestamp?, _ to: Timestamp?) async throws -> [Timestamp] {
            try await user.recall(query("kettle", from: from, to: to)).map(\.item.createdAt)
                .sorted()
        }
        #expect(try await found(times[1], times[2]) == [times[1], times[2]])
        #expect(try await found(times[2], nil) == [times[2], times[3]])
        #expect(try await found(nil, times[1]) == [times[0], times[1]])
        #expect(try await found(times[1], times[1]) == [times[1]])
        #expect(try await found(times[2], times[1]).isEmpty)
    }

    @Test func `a date alone finds what was said then`() async throws {
        let store = try ContextStore.make()
        let user = store.user()
        let id = try await user.makeConversation()
        for (text, day) in [("one", 100), ("two", 200)] {
            let time = Timestamp(milliseconds: Int64(day) * 86_400_000)
            _ = try await user.append(NewItem(role: .user, content: text, createdAt: time), to: id)
        }
        try await store.index()
        // Day 100 is 11 April 1970.
        #expect(try await user.recall(query("on 11 April 1970")).first?.item.content == "one")
    }

    /// Stores messages with the days on which they were said, and indexes them.
    private func said(_ messages: [(text: String, day: CalendarDay?)]) async throws -> UserStore {
        let store = try ContextStore.make()
        let user = store.user()
        let id = try await user.makeConversation()
        let items = try messages.enumerated().map { index, message in
            let day = try #require(message.day)
            let time = Int64(day.number) * 86_400_000 + Int64(index)
            return NewItem(
                role: .user,
                content: message.text,
                createdAt: Timestamp(milliseconds: time)
            )
        }
        _ = try await user.append(items, to: id)
        try await store.index()
        return user
    }

    @Test func `a month is found where it was spoken of, not only where it was`() async throws {
        let february = CalendarDay(year: 2023, month: 2, day: 1)
        let user = try await said([
            ("We fly to Rome in April.", february), ("My sister June is a nurse.", february),
            ("We marry in May.", february), ("Nothing else.", february),
        ])
        func best(_ text: String) async throws -> String? {
            try await user.recall(query(text)).first?.item.content
        }
        #expect(try await best("april") == "We fly to Rome in April.")
        #expect(try await best("What is June's job?") == "My sister June is a nurse.")
        // Nothing was said on these dates.
        #expect(try await best("April 2023") == "We fly to Rome in April.")
        #expect(try await best("May") == "We marry in May.")
    }

    @Test func `a date in the form of ISO 8601 finds what was said then`() async throws {
        let user = try await said([
            ("The dentist called.", CalendarDay(year: 2023, month: 5, day: 7)),
            ("The dentist called in 05 and 07.", CalendarDay(year: 2022, month: 1, day: 1)),
        ])
        let hit = try await user.recall(query("2023-05-07 dentist")).first
        #expect(hit?.item.content == "The dentist called.")
    }

    @Test(arguments: [
        (nil, "2020-12-31"), ("2020-06-10", "2020-06-20"), ("2020-06-01", "2020-08-15"),
        ("2019-01-01", "2023-06-15"), (nil, "2020-06-15"),
    ])
    func `an old time is looked through, however much was said later`(
        _ from: String?,
        _ to: String
    ) async throws {
        func day(_ text: String?) throws -> CalendarDay? {
            guard let parts = text?.split(separator: "-").compactMap({ Int($0) }) else {
                return nil
            }
            return CalendarDay(year: parts[0], month: parts[1], day: parts[2])
        }
        func time(_ day: CalendarDay?, hour: Int64) -> Timestamp? {
            day.map { Timestamp(milliseconds: Int64($0.number) * 86_400_000 + hour * 3_600_000) }
        }
        let end = try #require(try day(to))
        let old = ("My dog is old.", CalendarDay(year: 2020, month: 6, day: 15))
        let late = (1...150).map {
            ("My dog \($0).", CalendarDay?.some(end.adding(days: 1 + $0 % 3)))
        }
        let user = try await said([old] + late)
        let hits = try await user.recall(
            query("dog", from: time(try day(from), hour: 0), to: time(end, hour: 23))
        )
        #expect(hits.map(\.item.content) == ["My dog is old."])
    }

    @Test func `later messages of the last day take no place from earlier ones`() async throws {
        let day = try #require(CalendarDay(year: 2020, month: 6, day: 15))
        let user = try await said((0..<300).map { ("My dog \($0).", day) })
        let end = Timestamp(milliseconds: Int64(day.number) * 86_400_000 + 1)
        let hits = try await user.recall(query("dog", to: end))
        #expect(Set(hits.map(\.item.content)) == ["My dog 0.", "My dog 1."])
    }

    @Test(arguments: ["What did we say on 7 May 2023?", "7 May", "2023-05-07"])
    func `of somebody who talks much the day itself is found`(_ text: String) async throws {
        let day = try #require(CalendarDay(year: 2023, month: 5, day: 7))
        let later = (0..<450).map { index in
            ("Later \(index).", CalendarDay?.some(day.adding(days: 1 + index / 45)))
        }
        let user = try await said([("We met the mayor.", day)] + later)
        let hits = try await user.recall(query(text, limit: 5))
        #expect(hits.first?.item.content == "We met the mayor.")
    }

    @Test func `what is deleted is not found`() async throws {
        let (store, user, session) = try await world(["My kettle.", "A kettle, too."])
        let first = try #require(try await user.recall(query("kettle")).last)
        try await user.deleteItem(first.item.id)
        let rest = try await user.recall(query("kettle"))
        #expect(rest.count == 1)
        #expect(rest.first?.before == nil && rest.first?.after == nil)
        try await user.deleteConversation(session.conversationID)
        #expect(try await user.recall(query("kettle")).isEmpty)
        #expect(try await store.count("memory_messages") == 1)
    }

    @Test func `there are no more hits than asked for, and never more than 400`() async throws {
        let (_, user, _) = try await world((0..<500).map { "kettle number \($0)" })
        #expect(try await user.recall(query("kettle", limit: 3)).count == 3)
        #expect(try await user.recall(query("kettle", limit: 0)).count == 1)
        let most = try await user.recall(query("kettle", limit: 9_999))
        #expect(most.count <= RecallQuery.maximumLimit)
        #expect(most.count > RecallCandidates.maximumPool / 2)
        #expect(Set(most.map(\.item.id)).count == most.count)
    }

    @Test func `phrasings beyond the eighth are not read`() async throws {
        let (_, user, _) = try await world(["a kettle"])
        let eight = Array(repeating: "spoon", count: 8)
        let last = RecallQuery(phrasings: eight + ["kettle"], now: Self.now)
        #expect(try await user.recall(last).isEmpty)
        let fits = RecallQuery(phrasings: eight.dropLast() + ["kettle"], now: Self.now)
        #expect(try await user.recall(fits).count == 1)
    }

    @Test func `speakers are known by the names that messages carry`() async throws {
        let store = try ContextStore.make()
        let user = store.user()
        let id = try await user.makeConversation()
        for name in ["Nora", "Emil", "Nora Berg"] {
            let item = NewItem.make("The kettle is mine.", metadata: ["speaker": .string(name)])
            _ = try await user.append(item, to: id)
        }
        try await store.index()
        #expect(try await user.recall(query("Emil's kettle")).first?.speaker == "Emil")
        #expect(try await user.recall(query("Berg's kettle")).first?.speaker == "Nora Berg")
    }

    @Test func `of a very common word the newest messages count`() async throws {
        let (store, _, _) = try await world((0..<40).map { "kettle \($0)" })
        let hits = try await store.database.read { db in
            let index = RecallIndex(
                db: db,
                user: 1,
                conversation: nil,
                history: nil,
                days: nil
            )
            let terms = (0..<500).map { QueryTerm(word: "kettle\($0)", stemmer: Stemmer()) }
            let kettle = QueryTerm(word: "kettle", stemmer: Stemmer())
            return try index.hits([kettle] + terms, messages: 40, stemmer: Stemmer())[0]
        }
        #expect(hits.own.count == 19)
        #expect(hits.own == hits.own.sorted(by: >))
    }

    @Test func `a long text is cut around what was found`() async throws {
        let filler = Array(repeating: "filler", count: 100).joined(separator: " ")
        let (_, user, _) = try await world(["\(filler) my kettle boils \(filler)"])
        let hit = try #require(try await user.recall(query("kettle")).first)
        let text = hit.snippet.pieces.map(\.text).joined()
        #expect(text.count <= 202)
        #expect(text.hasPrefix("…") && text.hasSuffix("…"))
        #expect(hit.snippet.pieces.filter(\.isMatch).map(\.text) == ["kettle"])
    }

    @Test func `of one endless run of letters only the beginning is looked through`() throws {
        let stemmer = Stemmer()
        let term = QueryTerm(word: "東京", stemmer: stemmer)
        let weighted = WeightedTerm(
            term,
            frequency: 1,
            isFound: true,
            messages: 10,
            stemmer: stemmer
        )
        let finder = MatchFinder(matcher: TermMatcher([weighted], stemmer: stemmer))
        let filler = String(repeating: "あ", count: 20_000)
        #expect(finder.matches(in: "東京" + filler).count == 1)
        #expect(finder.matches(in: filler + "東京").isEmpty)
    }
}
