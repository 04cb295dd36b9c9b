import Captions
import JSON
import Testing

@testable import ContextStore

struct BroadcastTests {
    private let settings = BroadcastSettings(
        title: "Rivers",
        mode: .translation,
        sourceLanguage: "en",
        languages: ["es"],
        hasAudio: false,
        access: .token,
        tokenHash: [1, 2, 3],
        metadata: ["room": "A1"]
    )

    private func made(_ store: UserStore) async throws -> Broadcast {
        let answer = try await store.createBroadcast(settings, once: nil)
        return try #require(answer.value)
    }

    private func caption(
        _ sequence: Int64,
        _ text: String,
        language: String = "en",
        number: Int64? = nil,
        revision: Int64 = 1
    ) -> Caption {
        Caption(
            language: language,
            sequence: sequence,
            revision: revision,
            number: number ?? sequence,
            text: text,
            speaker: 1,
            startMs: sequence * 1_000,
            endMs: sequence * 1_000 + 900
        )
    }

    @Test func `a broadcast is read as it was made, and only by its owner`() async throws {
        let store = try ContextStore(path: ":memory:")
        let (owner, other) = (try user("anna", store), try user("otto", store))
        let broadcast = try await made(owner)
        #expect(broadcast.settings == settings)
        #expect(broadcast.status == .created)
        #expect(try await owner.broadcast(broadcast.id) == broadcast)
        #expect(try await store.broadcast(broadcast.id)?.user == owner.user)
        await #expect(throws: ContextStoreError.notFound(.broadcast)) {
            try await other.broadcast(broadcast.id)
        }
        await #expect(throws: ContextStoreError.notFound(.broadcast)) {
            try await other.captions(of: broadcast.id, language: "en", limit: 10)
        }
    }

    @Test func `it goes from created to live to ended, and not back`() async throws {
        let owner = try user("anna", ContextStore(path: ":memory:"))
        let id = try await made(owner).id
        let live = try await owner.beginSpeaking(in: id)
        #expect((live.status, live.isSpeaking, live.speakers) == (.live, true, 1))
        #expect(live.startedAt != nil)
        #expect(try await owner.endSpeaking(in: id).isSpeaking == false)
        let again = try await owner.beginSpeaking(in: id)
        #expect((again.speakers, again.startedAt) == (2, live.startedAt))
        let ended = try #require(
            try await owner.endBroadcast(id, reason: "first", once: nil).value
        )
        #expect((ended.status, ended.isSpeaking, ended.endReason) == (.ended, false, "first"))
        let second = try await owner.endBroadcast(id, reason: "second", once: nil).value
        #expect(second?.endReason == "first")
        await #expect(throws: ContextStoreError.self) { try await owner.beginSpeaking(in: id) }
    }

    @Test func `captions are told anew in their place, and never older`() async throws {
        let owner = try user("anna", ContextStore(path: ":memory:"))
        let broadcast = try await made(owner)
        try await owner.storeCaptions([caption(1, "One"), caption(2, "Two")], of: broadcast)
        try await owner.storeCaptions([caption(1, "Won", number: 3, revision: 2)], of: broadcast)
        try await owner.storeCaptions([caption(1, "One")], of: broadcast)
        let page = try await owner.captions(of: broadcast.id, language: "en", limit: 10)
        #expect(page.elements.map(\.caption.text) == ["Won", "Two"])
        let latest = try await owner.latestCaptions(of: broadcast.id, language: "en", limit: 10)
        #expect(latest.map(\.caption.number) == [2, 3])
        let track = try #require(try await owner.tracks(of: broadcast.id).first)
        #expect((track.lastSequence, track.lastNumber, track.coveredMs) == (2, 3, 2_900))
    }

    @Test func `captions come in pages by sequence`() async throws {
        let owner = try user("anna", ContextStore(path: ":memory:"))
        let broadcast = try await made(owner)
        let all = (1...5).map { caption($0, "\($0)") } + [caption(1, "uno", language: "es")]
        try await owner.storeCaptions(all, of: broadcast)
        let first = try await owner.captions(of: broadcast.id, language: "en", limit: 3)
        #expect(first.elements.map(\.caption.sequence) == [1, 2, 3] && first.hasMore)
        let rest = try await owner.captions(of: broadcast.id, language: "en", after: 3, limit: 3)
        #expect(rest.elements.map(\.caption.sequence) == [4, 5] && !rest.hasMore)
    }

    @Test func `what is said in the source language is found among the messages`() async throws {
        let owner = try user("anna", ContextStore(path: ":memory:"))
        let broadcast = try await made(owner)
        let captions = [caption(1, "The river"), caption(1, "El río", language: "es")]
        try await owner.storeCaptions(captions, of: broadcast)
        let items = try await owner.items(of: broadcast.conversationID)
        #expect(items.elements.map(\.content) == ["The river"])
        #expect(items.elements.first?.sessionID == broadcast.sessionID)
    }

    @Test(arguments: [
        [[2, 1, 3]], [[2], [1], [3]], [[3], [2], [1]], [[1], [3], [2]], [[2, 3], [1]],
    ])
    func `the messages are in the order of speech`(_ batches: [[Int64]]) async throws {
        let owner = try user("anna", ContextStore(path: ":memory:"))
        let broadcast = try await made(owner)
        var number: Int64 = 0
        for batch in batches {
            let captions = batch.map { sequence in
                number += 1
                return caption(sequence, "\(sequence)", number: number)
            }
            try await owner.storeCaptions(captions, of: broadcast)
        }
        let page = PageRequest<ItemID>(limit: 10, order: .ascending)
        let items = try await owner.items(of: broadcast.conversationID, page)
        #expect(items.elements.map(\.content) == ["1", "2", "3"])
    }

    @Test func `a message that was told late stands in front of what is behind a gap`() async throws
    {
        let owner = try user("anna", ContextStore(path: ":memory:"))
        let broadcast = try await made(owner)
        let gap = caption(2, "", number: 1)
        for it in [gap, caption(3, "3", number: 2), caption(1, "1", number: 3)] {
            try await owner.storeCaptions([it], of: broadcast)
        }
        let page = PageRequest<ItemID>(limit: 10, order: .ascending)
        let items = try await owner.items(of: broadcast.conversationID, page)
        #expect(items.elements.map(\.content) == ["1", "3"])
    }

    @Test func `holes are found`() async throws {
        let owner = try user("anna", ContextStore(path: ":memory:"))
        let broadcast = try await made(owner)
        try await owner.storeCaptions([1, 2, 4, 7].map { caption($0, "x") }, of: broadcast)
        let missing = try await owner.missingCaptions(of: broadcast.id, language: "en", last: 7)
        #expect(missing == [3, 5, 6])
    }

    @Test(arguments: ["broadcast", "conversation", "user"])
    func `whatever is deleted takes the captions along`(_ what: String) async throws {
        let store = try ContextStore(path: ":memory:")
        let owner = try user("anna", store)
        let broadcast = try await made(owner)
        try await owner.storeCaptions([caption(1, "One")], of: broadcast)
        switch what {
        case "broadcast": try await owner.deleteBroadcast(broadcast.id)
        case "conversation": try await owner.deleteConversation(broadcast.conversationID)
        default: try await owner.deleteEverything()
        }
        await #expect(throws: ContextStoreError.notFound(.broadcast)) {
            try await owner.broadcast(broadcast.id)
        }
        #expect(try await store.broadcast(broadcast.id) == nil)
        try await StoreOperator(store).purge()
        let left = try await store.read { db in
            try ["captions", "broadcasts", "sessions", "conversations"].map { table in
                try db.first("SELECT count(*) FROM \(table)") { $0.integer() } ?? -1
            }
        }
        #expect(left == [0, 0, 0, 0])
    }

    private func user(_ name: String, _ store: ContextStore) throws -> UserStore {
        store.user(try #require(UserID(name)))
    }
}
