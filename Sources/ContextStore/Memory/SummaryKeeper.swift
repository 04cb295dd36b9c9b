public import Logging
internal import TextAnalysis

/// Keeps summaries of all that is said: of each segment (a session's part of a conversation), and
/// of a long one several, one after the other.
///
/// In the background it follows what is stored, a moment behind. How far it has come is stored, so
/// that a crash loses none; a summary is stored in the place of the one of the same range, so that
/// none is doubled.
public actor SummaryKeeper {
    /// A segment that is still being written is summarised at most this often.
    private static let pause: Duration = .milliseconds(500)
    /// How many items one step of following looks at, to find their segments.
    private static let stepItems = 1_000

    private let store: ContextStore
    private let logger: Logger
    private let summarizer = ExtractiveSummarizer()
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

    /// Summarises what was said in a session, now.
    ///
    /// - Throws: ``ContextStoreError`` when the store cannot be read or written.
    public nonisolated func summarize(_ session: Session, of user: UserStore) async throws {
        try await summarize(
            ConversationChange(
                user: user.user,
                conversation: session.conversationID,
                session: session.id
            )
        )
    }

    /// Summarises what was said last in a conversation, now.
    ///
    /// - Returns: The summary of its end; nil when nothing was said.
    /// - Throws: ``ContextStoreError`` when there is no such conversation of the user, or the store
    ///   cannot be read or written.
    public nonisolated func summarize(
        _ conversation: ConversationID,
        of user: UserStore
    ) async throws -> Summary? {
        guard let last = try await user.latestItems(of: conversation, limit: 1).first else {
            return nil
        }
        let segment = ConversationChange(
            user: user.user,
            conversation: conversation,
            session: last.item.sessionID
        )
        try await summarize(segment)
        return try await user.lastSummary(of: segment)
    }

    /// Summarises all that was said and is not summarised yet; returns when nothing is left.
    ///
    /// - Throws: ``ContextStoreError`` when the store cannot be read or written.
    public nonisolated func catchUp() async throws {
        while true {
            let step = try await store.summaryStep(limit: Self.stepItems)
            var done = 0
            for segment in step.segments {
                try Task.checkCancellation()
                done += try await summarizeIfPossible(segment) ? 1 : 0
            }
            try await store.finish(step)
            // Without the second the same segments would fail for ever.
            if step.isLast || !step.isNew && done == 0 { return }
        }
    }

    /// Summarises a segment; tells whether that could be done.
    ///
    /// One that cannot be read is passed over, so that it holds up no other.
    private nonisolated func summarizeIfPossible(
        _ segment: ConversationChange
    ) async throws -> Bool {
        do {
            try await summarize(segment)
            return true
        } catch ContextStoreError.notFound {
            // Deleted meanwhile.
            return false
        } catch let error as ContextStoreError where error.isOfOneObject {
            logger.error(
                "summarising a segment failed",
                metadata: ["conversation": "\(segment.conversation)", "cause": "\(error)"]
            )
            return false
        }
    }

    private nonisolated func summarize(_ segment: ConversationChange) async throws {
        let user = store.user(segment.user)
        while let task = try await user.summaryTask(of: segment) {
            do {
                try await perform(task, of: segment, user)
            } catch ContextStoreError.conflict {
                // An item was deleted or moved, or another summary stored, meanwhile: look again.
            }
            try Task.checkCancellation()
        }
    }

    private nonisolated func perform(
        _ task: SummaryTask,
        of segment: ConversationChange,
        _ user: UserStore
    ) async throws {
        guard let first = task.items.first, let end = task.end else {
            if let old = task.replaces { try await user.removeSummary(old) }
            return
        }
        let text = summarizer.summary(of: task.items) ?? ""
        try await user.storeSummary(
            NewSummary(
                replaces: task.replaces,
                sessionID: segment.session,
                text: text,
                saidAt: first.createdAt,
                fromPosition: first.position,
                toPosition: end.position,
                itemCount: end.count,
                tokens: TokenEstimate.tokens(in: text),
                version: ExtractiveSummarizer.version,
                isFull: task.isFull,
                revision: task.revision
            ),
            of: segment.conversation
        )
    }

    private func follow(_ changes: ConversationChanges) async {
        await catchUpInBackground()
        for await _ in changes {
            await catchUpInBackground()
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
        }
    }

    private func catchUpInBackground() async {
        do {
            try await catchUp()
        } catch is CancellationError {
            // Stopped; the rest comes after the next start.
        } catch ContextStoreError.closed {
            // The store is gone; there is nothing left to follow.
        } catch {
            logger.error("summarising failed", metadata: ["cause": "\(error)"])
        }
    }
}
