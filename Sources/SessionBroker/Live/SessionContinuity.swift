internal import ContextStore
internal import JSON

/// What the next upstream session of a session begins with: the memory block, and the last turns word
/// for word.
struct SessionContinuity: Sendable {
    /// So many of the last items are carried over.
    static let maximumItems = 24
    /// Their texts together, in bytes; the newest first.
    static let maximumBytes = 16 * 1_024
    /// The budget of the memory block of a session that was to begin without one.
    static let ownTokens = 2_000

    let context: ContextEngine
    let summaries: SummaryKeeper

    /// The settings so far, with a memory block of everything until now in place of `memory`.
    ///
    /// - Throws: ``ContextStoreError`` when the store cannot be read.
    func opening(
        for plan: LiveSession.Plan,
        fields: JSONObject,
        memory: String
    ) async throws -> SessionOpening {
        try await summaries.summarize(plan.session, of: plan.store)
        let configuration = plan.configuration
        let own = SessionConfiguration.own(
            fields["instructions"]?.stringValue ?? "",
            before: memory
        )
        guard try await mayRemember(plan) else {
            var next = fields
            next["instructions"] = .string(own)
            return SessionOpening(fields: next, memory: "")
        }
        // Without earlier sessions, there is still this one.
        let isLimited = configuration.contextTokens == 0 || configuration.isLimitedToConversation
        let prompt = try await context.prompt(
            ContextQuery(
                instructions: own,
                toolTokens: UpstreamSession.toolTokens(of: fields),
                maximumTokens: configuration.contextTokens > 0
                    ? configuration.contextTokens : Self.ownTokens,
                recentItems: 0,
                conversation: plan.session.conversationID,
                isLimitedToConversation: isLimited,
                offersRecall: configuration.offersRecall
            ),
            of: plan.store
        )
        var next = fields
        next["instructions"] = .string(prompt.instructions)
        return SessionOpening(fields: next, memory: prompt.memory)
    }

    /// Whether what the conversation holds may go to the model: not what is of other sessions, where
    /// the session was to begin without context.
    private func mayRemember(_ plan: LiveSession.Plan) async throws -> Bool {
        guard plan.configuration.contextTokens == 0 else { return true }
        return try await plan.store.isAlone(plan.session)
    }

    /// What was said last.
    struct LastTurns: Sendable {
        /// As items for upstream, oldest first.
        var items: [JSONValue] = []
        /// Calls of tools among them that have no answer.
        var openCalls: [JSONValue] {
            let answered = Set(SessionContinuity.callIDs(in: items, "function_call_output"))
            return items.filter {
                $0["type"] == "function_call"
                    && !answered.contains($0["call_id"]?.stringValue ?? "")
            }
        }
        /// Upstream's id of the last item that is stored, which need not be among them: speech
        /// without a transcript cannot be carried over.
        var lastID: String?
    }

    /// The last turns.
    ///
    /// - Throws: ``ContextStoreError`` when they cannot be read.
    func lastTurns(of plan: LiveSession.Plan) async throws -> LastTurns {
        let found = try await plan.store.latestItems(
            of: plan.session.conversationID,
            limit: Self.maximumItems
        ).map(\.item)
        let mayTell = try await mayRemember(plan)
        let unnamed = found.filter { $0.upstreamID == nil }.map(\.id)
        try await plan.store.adoptUpstreamIDs(of: unnamed)
        return LastTurns(
            items: Self.fitting(
                found.filter { mayTell || $0.sessionID == plan.session.id }
            ),
            lastID: found.last.map { $0.upstreamID ?? $0.id.text }
        )
    }

    /// What fits of the newest items: messages, and calls with their answers or without.
    static func fitting(_ items: [Item]) -> [JSONValue] {
        var left = maximumBytes
        var kept: [JSONValue] = []
        for item in items.reversed() {
            guard let json = upstreamItem(item) else { continue }
            left -= item.content.utf8.count
            guard left >= 0 || kept.isEmpty else { break }
            kept.append(json)
        }
        // An answer whose call did not fit would be refused.
        let calls = Set(callIDs(in: kept, "function_call"))
        kept.removeAll {
            $0["type"] == "function_call_output"
                && !calls.contains($0["call_id"]?.stringValue ?? "")
        }
        return kept.reversed()
    }

    /// The ids of the calls that items of a type are about.
    private static func callIDs(in items: [JSONValue], _ type: JSONValue) -> [String] {
        items.filter { $0["type"] == type }.compactMap { $0["call_id"]?.stringValue }
    }

    private static func upstreamItem(_ item: Item) -> JSONValue? {
        var json = JSONObject()
        // Under its old id, so that what the client says of it later still fits.
        let id = item.upstreamID ?? item.id.text
        json["id"] = .string(id.utf8.count <= 32 ? id : item.id.text)
        switch item.kind {
        case .message:
            let text = item.heardText
            guard !text.isEmpty else { return nil }
            json["type"] = "message"
            json["role"] = .string(item.role.rawValue)
            json["content"] = [
                [
                    "type": item.role == .assistant ? "output_text" : "input_text",
                    "text": .string(text),
                ]
            ]
        case .functionCall:
            // Of one that was cut, the arguments are not all there.
            guard let callID = item.metadata["call_id"], item.status == .completed else {
                return nil
            }
            json["type"] = "function_call"
            json["call_id"] = callID
            json["name"] = item.metadata["name"] ?? ""
            json["arguments"] = item.metadata["arguments"] ?? .string(item.content)
        case .functionCallOutput:
            guard let callID = item.metadata["call_id"] else { return nil }
            json["type"] = "function_call_output"
            json["call_id"] = callID
            json["output"] = .string(item.content)
        }
        return .object(json)
    }
}

extension Item {
    /// What the user heard of an answer, if that is known; else all of it.
    fileprivate var heardText: String {
        let text = metadata["heard_text"]?.stringValue ?? content
        return String(text.prefix(SessionContinuity.maximumBytes))
    }
}

extension UserStore {
    /// Whether all that a session's conversation holds was said in it.
    func isAlone(_ session: Session) async throws -> Bool {
        try await latestItems(of: session.conversationID, limit: 1, excluding: session.id).isEmpty
    }
}
