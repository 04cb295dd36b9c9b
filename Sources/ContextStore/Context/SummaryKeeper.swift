internal import TextAnalysis
public import Logging

/// Keeps one summary of every segment (a session's part of a conversation) up to date.
///
/// In the background it follows what is stored, a moment behind, and after a start it catches up on
/// sessions that a crash left without. A mint does not wait for that: it refreshes what its last
/// turns belong to by itself.
public actor SummaryKeeper {
    /// How many items of a segment's beginning and of its end a summary is made of.
    private static let itemsAtEachEnd = 100
    /// A segment that is still being written is summarised at most this often.
    private static let pause: Duration = .milliseconds(500)

    private let store: ContextStore
    private let logger: Logger
    private let summarizer = SessionSummarizer()
    private var following: Task<Void, Never>?

    /// Makes a keeper that does nothing yet.
    public init(store: ContextStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Starts to follow the store.
    public func start() {
        guard following == nil else { return }
        let changes = store.changes
        following = Task { await follow(changes) }
    }

    /// Stops following; what is behind is caught up on after the next start.
    public func stop() async {
        following?.cancel()
        await following?.value
        following = nil
    }

    /// Summarises the segments of these items that no known summary covers.
    ///
    /// - Parameters:
    ///   - items: The user's last items, few.
    ///   - summaries: The user's newest summaries.
    ///   - user: Whose they are.
    /// - Returns: Whether any summary was made.
    /// - Throws: ``ContextStoreError`` when the store cannot be read.
    public nonisolated func refresh(
        _ items: [Item],
        knowing summaries: [Summary],
        of user: UserStore
    ) async throws -> Bool {
        var lastPositions: [ConversationChange: Int64] = [:]
        for item in items {
            let segment = ConversationChange(
                user: user.user,
                conversation: item.conversationID,
                session: item.sessionID
            )
            lastPositions[segment] = max(item.position, lastPositions[segment] ?? .min)
        }
        for summary in summaries {
            let segment = ConversationChange(
                user: user.user,
                conversation: summary.conversationID,
                session: summary.sessionID
            )
            guard let last = lastPositions[segment], last <= summary.toPosition else { continue }
            lastPositions[segment] = nil
        }
        for segment in lastPositions.keys { try await summarize(segment) }
        return !lastPositions.isEmpty
    }

    /// Summarises what was said in a session, now.
    ///
    /// - Throws: ``ContextStoreError`` when the store cannot be read or written.
    public nonisolated func summarize(
        _ session: Session,
        of user: UserStore
    ) async throws {
        try await summarize(
            ConversationChange(
                user: user.user,
                conversation: session.conversationID,
                session: session.id
            )
        )
    }

    private nonisolated func summarize(_ segment: ConversationChange) async throws {
        let user = store.user(segment.user)
        let first = try await items(of: segment, .first, user)
        guard let start = first.items.first else { return }
        var items = first.items
        if items.count == Self.itemsAtEachEnd {
            let known = Set(items.map(\.id))
            items += try await self.items(of: segment, .last, user).items
                .filter { !known.contains($0.id) }
        }
        guard let end = items.last, let text = summarizer.summary(of: items) else { return }
        do {
            _ = try await user.storeSummary(
                NewSummary(
                    sessionID: segment.session,
                    text: text,
                    saidAt: start.createdAt,
                    fromPosition: start.position,
                    toPosition: end.position,
                    itemCount: items.count,
                    tokens: TokenEstimate.tokens(in: text),
                    version: SessionSummarizer.version,
                    revision: first.revision
                ),
                of: segment.conversation
            )
        } catch ContextStoreError.conflict {
            // An item was deleted or moved meanwhile; that change brings the segment here again.
        }
    }

    private nonisolated func items(
        of segment: ConversationChange,
        _ end: SegmentEnd,
        _ user: UserStore
    ) async throws -> Segment {
        try await user.segment(
            of: segment.conversation,
            session: segment.session,
            end,
            limit: Self.itemsAtEachEnd
        )
    }

    private func follow(_ changes: ConversationChanges) async {
        await catchUp()
        for await batch in changes {
            for segment in batch.segments { await summarizeInBackground(segment) }
            if !batch.isComplete { await catchUp() }
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
        }
    }

    private func catchUp() async {
        var next: SessionID?
        repeat {
            do {
                let page = try await StoreOperator(store).unsummarizedSegments(
                    after: next,
                    limit: 100
                )
                for segment in page.segments { await summarizeInBackground(segment) }
                next = page.next
            } catch {
                logger.warning("looking for sessions to summarise failed: \(error)")
                return
            }
        } while next != nil && !Task.isCancelled
    }

    private func summarizeInBackground(_ segment: ConversationChange) async {
        guard !Task.isCancelled else { return }
        do {
            try await summarize(segment)
        } catch ContextStoreError.notFound {
            // Deleted meanwhile.
        } catch {
            logger.warning("summarising a session failed: \(error)")
        }
    }
}
