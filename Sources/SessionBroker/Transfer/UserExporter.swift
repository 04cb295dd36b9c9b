internal import Captions
internal import ContextStore
internal import JSON

/// Writes all that is kept of one user, a line of JSON for each object, as lists of the API have it.
struct UserExporter: Sendable {
    let store: UserStore
    /// Every user's, which `HistoryExporter` reads.
    let all: ContextStore
    /// An agent as its owner is shown it.
    let agent: @Sendable (Agent) -> JSONValue
    /// A broadcast as its owner is shown it.
    let broadcast: @Sendable (Broadcast) -> JSONObject
    /// Takes the next line, or some of them.
    let write: @Sendable (String) async throws -> Void

    /// Writes everything: what was said comes as `broker import` reads it, which leaves out the rest.
    func export() async throws {
        try await each(store.agents, \.id) { try await line(agent($0)) }
        for fact in try await store.allFacts() { try await line(fact.json) }
        try await HistoryExporter(store: all, format: .jsonl)
            .export(user: store.user, conversation: nil, write: write)
        for try await page in store.allConversations() {
            for conversation in page { try await summaries(of: conversation.id) }
        }
        try await each({ try await store.sessions($0) }, \.id) { session in
            // Where to connect is of no use any more.
            var object = session.json(url: "")
            object["url"] = nil
            try await line(.object(object))
        }
        try await each(store.broadcasts, \.id) { try await export($0) }
        try await usage()
    }

    private func summaries(of conversation: ConversationID) async throws {
        do {
            try await each({ try await store.summaries(of: conversation, $0) }, \.id) {
                try await line($0.json)
            }
        } catch ContextStoreError.notFound {
            // Deleted meanwhile.
        }
    }

    private func export(_ broadcast: Broadcast) async throws {
        try await line(.object(self.broadcast(broadcast)))
        do {
            for track in try await store.tracks(of: broadcast.id) {
                try await captions(of: broadcast.id, track.language)
            }
        } catch ContextStoreError.notFound {
            // Deleted meanwhile.
        }
    }

    private func captions(of id: BroadcastID, _ language: String) async throws {
        var last: Int64? = 0
        while let after = last {
            let page = try await store.captions(
                of: id,
                language: language,
                after: after,
                limit: 500
            )
            for caption in page.elements {
                guard var object = caption.json.objectValue else { continue }
                object["broadcast_id"] = .string(id.text)
                try await line(.object(object))
            }
            last = page.hasMore ? page.elements.last?.caption.sequence : nil
        }
    }

    /// What was consumed on each day.
    private func usage() async throws {
        let days = try await store.usage(
            from: Timestamp(milliseconds: 0),
            to: .now().adding(.seconds(1)),
            groupBy: .day,
            limit: 100_000
        )
        for day in days.groups.reversed() { try await line(day.json(.day, [:])) }
    }

    private func line(_ value: JSONValue) async throws {
        try await write(value.text + "\n")
    }

    /// All elements of a list, oldest first, a page at a time.
    private func each<Element: Sendable, ID: Sendable>(
        _ page: (PageRequest<ID>) async throws -> Page<Element>,
        _ id: (Element) -> ID,
        _ body: (Element) async throws -> Void
    ) async throws {
        var last: ID?
        repeat {
            let found = try await page(PageRequest(limit: 100, order: .ascending, after: last))
            for element in found.elements { try await body(element) }
            last = found.hasMore ? found.elements.last.map(id) : nil
        } while last != nil
    }
}
