public import Logging

/// Has a language model summarise what is closed, in the background, one range after the other.
///
/// It only adds: until it has answered, and when it cannot, the embedded summary stays.
public actor ModelSummaryKeeper {
    /// How often it looks for what was closed meanwhile.
    private static let pause: Duration = .seconds(5)
    /// However long a model asks to be left alone, it is tried again after this time.
    private static let maximumPause: Duration = .seconds(3_600)

    /// So many ranges at which the model fails end a round: it may be out of order.
    private static let maximumFailed = 3
    /// A range at which it fails in so many rounds, while it answers for others, is given up.
    private static let maximumRounds = 3
    /// The rounds of more ranges are not counted; counting begins anew.
    private static let maximumCounted = 1_000

    private let store: ContextStore
    private let summarizer: any SegmentSummarizing
    private let logger: Logger
    private var running: Task<Void, Never>?
    /// In how many rounds the model failed at a range while it answered for others.
    private var failedRounds: [Int64: Int] = [:]

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

    /// Has everything summarised that is closed now and was not tried yet, the latest first.
    ///
    /// - Returns: How long to stay away from the model; nil when all is done.
    /// - Throws: ``ContextStoreError`` when the store cannot be read or written.
    @discardableResult
    func catchUp() async throws -> Duration? {
        var round = Round()
        var place = Int64.max
        while round.goesOn, let range = try await store.modelSummaryRange(before: place) {
            try Task.checkCancellation()
            try await take(range, in: &round)
            // What was closed meanwhile comes before what is older.
            place = round.isClean ? .max : range.pk
        }
        if round.hasAnswered { for task in round.failed { try await count(task) } }
        return round.pause.map { min($0, Self.maximumPause) }
    }

    /// What came of the ranges that were taken since the last pause.
    private struct Round {
        /// Those at which the model failed.
        var failed: [ModelSummaryTask] = []
        /// Whether it answered for others.
        var hasAnswered = false
        /// Whether none was left as it is.
        var isClean = true
        /// How long to stay away from it.
        var pause: Duration?
        var goesOn = true
    }

    private func take(_ range: ModelSummaryRange, in round: inout Round) async throws {
        do {
            let task = try await store.modelSummaryTask(range)
            if let pause = try await summarize(task) {
                round.failed.append(task)
                round.pause = pause
                round.isClean = false
                round.goesOn = round.failed.count < Self.maximumFailed
            } else {
                round.hasAnswered = true
                failedRounds[range.pk] = nil
            }
        } catch SegmentSummaryError.later(let pause) {
            round.pause = pause
            round.goesOn = false
        } catch let error as ContextStoreError where error.isOfOneObject {
            // One range that cannot be read holds up no other.
            logger.error("a model summary failed", metadata: ["cause": "\(error)"])
            round.isClean = false
        }
    }

    /// Notes a round in which the model failed at a range, but not at others.
    private func count(_ task: ModelSummaryTask) async throws {
        if failedRounds.count >= Self.maximumCounted { failedRounds = [:] }
        let rounds = failedRounds[task.range.pk, default: 0] + 1
        failedRounds[task.range.pk] = rounds < Self.maximumRounds ? rounds : nil
        if rounds >= Self.maximumRounds { try await store.giveUp(task) }
    }

    /// - Returns: When to try again, where the model failed; nil where it answered.
    private func summarize(_ task: ModelSummaryTask) async throws -> Duration? {
        do {
            let transcript = SegmentTranscript(user: task.range.user, items: task.items)
            let summary = try await summarizer.summarize(transcript)
            try await store.store(summary, for: task)
        } catch SegmentSummaryError.gaveUp(let reason) {
            logger.warning("no model summary", metadata: ["reason": "\(reason)"])
            try await store.giveUp(task)
        } catch SegmentSummaryError.failed(let reason, let pause) {
            logger.warning("no model summary yet", metadata: ["reason": "\(reason)"])
            return pause
        }
        return nil
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
