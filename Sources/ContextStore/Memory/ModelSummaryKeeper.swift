public import Logging

/// Has a language model summarise what is closed, in the background, one range after the other.
///
/// It only adds: until it has answered, and when it cannot, the embedded summary stays.
public actor ModelSummaryKeeper {
    /// How often it looks for what was closed meanwhile.
    private static let pause: Duration = .seconds(5)
    /// However long a model asks to be left alone, it is tried again after this time.
    private static let maximumPause: Duration = .seconds(3_600)

    private let store: ContextStore
    private let summarizer: any SegmentSummarizing
    private let logger: Logger
    private var running: Task<Void, Never>?

    /// Makes a keeper that does nothing yet.
    public init(store: ContextStore, summarizer: any SegmentSummarizing, logger: Logger) {
        self.store = store
        self.summarizer = summarizer
        self.logger = logger
    }

    /// Starts to work.
    public func start() {
        guard running == nil else { return }
        running = Task { await run() }
    }

    /// Ends, in the middle of a question if need be; that one is asked again after the next start.
    public func stop() async {
        running?.cancel()
        await running?.value
        running = nil
    }

    /// Has everything summarised that is closed now and was not tried yet.
    ///
    /// - Returns: How long to stay away from the model; nil when all is done.
    /// - Throws: ``ContextStoreError`` when the store cannot be read or written.
    @discardableResult
    func catchUp() async throws -> Duration? {
        var place: Int64 = 0
        while let range = try await store.modelSummaryRange(after: place) {
            try Task.checkCancellation()
            place = range.pk
            do {
                try await summarize(store.modelSummaryTask(range))
            } catch SegmentSummaryError.later(let pause) {
                return min(pause, Self.maximumPause)
            } catch let error as ContextStoreError where error.isOfOneObject {
                // One range that cannot be read holds up no other.
                logger.error("a model summary failed", metadata: ["cause": "\(error)"])
            }
        }
        return nil
    }

    private func summarize(_ task: ModelSummaryTask) async throws {
        do {
            let transcript = SegmentTranscript(user: task.range.user, items: task.items)
            let summary = try await summarizer.summarize(transcript)
            try await store.store(summary, for: task)
        } catch SegmentSummaryError.gaveUp(let reason) {
            logger.warning("no model summary", metadata: ["reason": "\(reason)"])
            try await store.giveUp(task)
        }
    }

    private func run() async {
        while !Task.isCancelled {
            var pause = Self.pause
            do {
                pause = try await catchUp() ?? pause
            } catch is CancellationError {
                return
            } catch ContextStoreError.closed {
                return
            } catch {
                logger.error("model summaries failed", metadata: ["cause": "\(error)"])
            }
            guard (try? await Task.sleep(for: pause)) != nil else { return }
        }
    }
}
