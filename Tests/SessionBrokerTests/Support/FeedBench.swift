import Captions
import ContextStore
import JSON
import Logging
import Testing
import WebServer

@testable import SessionBroker

/// A live broadcast in front of a ``PlayedUpstream``, without speakers and listeners: the test gives
/// it its audio, and gets the captions that it tells.
struct FeedBench: Sendable {
    let live: LiveBroadcast
    let upstream: PlayedUpstream
    private let captions: AsyncStream<Caption>

    /// Does something with the broadcast on its loop.
    @discardableResult
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (LiveBroadcast) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            live.onLoop { live in continuation.resume(with: Result { try body(live) }) }
        }
    }

    /// Does something with one of its languages.
    @discardableResult
    func with<Value: Sendable>(
        _ language: String,
        _ body: @escaping @Sendable (LanguageFeed) throws -> Value
    ) async throws -> Value {
        try await perform { try body(#require($0.feeds[language])) }
    }

    /// Returns once something is so of a language.
    func until(
        _ language: String,
        _ condition: @escaping @Sendable (LanguageFeed) -> Bool
    ) async throws {
        while try await !with(language, condition) {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Opens a language, and returns its session once that gets audio.
    func open(_ language: String, expiresAt: Int64 = 0) async throws -> PlayedSession {
        try await with(language) { $0.open() }
        let session = try await upstream.next(expiresAt: expiresAt)
        try await until(language) { $0.link?.current != nil }
        return session
    }

    /// Has the next session take over, whoever is speaking; the first must be about to expire.
    func renew(_ language: String) async throws -> PlayedSession {
        let number = try await with(language) { $0.link?.current?.number }
        try await until(language) { feed in
            feed.tick()
            return feed.link?.isUrgent == true
        }
        let session = try await upstream.next()
        try await until(language) { ($0.link?.current?.number ?? number) != number }
        return session
    }

    /// Ends the broadcast, and returns when that is on disk.
    func end() async {
        await withCheckedContinuation { ended in
            live.onLoop { $0.end("test") { ended.resume() } }
        }
    }

    /// The wall clock's and a session's time that is just over when it begins.
    static let soonOver: Int64 = 1_000

    /// Sends audio of some frames of 100 ms to all languages.
    func hear(frames: Int, isLoud: Bool = true) async throws {
        let sample: [UInt8] = isLoud ? [0x00, 0x20] : [0, 0]
        let bytes = Array(repeatElement(sample, count: AudioFrame.byteCount / 2).joined())
        try await perform { live in
            for _ in 0..<frames {
                var frame = AudioFrame(bytes, startMs: 0)
                frame.startMs = live.speech.append(frame.endMs, isLoud: frame.isLoud, atMs: 0)
                for feed in live.feeds.values where feed.link?.kind.hearsAudio == true {
                    feed.link?.append(frame)
                }
            }
        }
    }

    /// The captions that are told next, as `text`, `text|reason of being cut` or `[reason of a gap]`.
    func told(_ count: Int) async -> [String] {
        await captions.prefix(count).reduce(into: []) { $0.append($1.shown) }
    }

    /// The next caption.
    func next() async throws -> Caption {
        try #require(await captions.first { _ in true })
    }

    /// All captions of a language that were told until now, in order.
    func all(_ language: String) async throws -> [Caption] {
        try await perform { $0.recorder }?.flush()
        return try await live.store
            .captions(of: live.id, language: language, limit: 1_000).elements.map(\.caption)
    }
}

extension FeedBench {
    /// Runs a test with a broadcast from English to Spanish; no other test knows of it.
    static func with(
        translationModel: String = "gpt-realtime-translate",
        transcriptionModel: String = "gpt-live-transcribe",
        past: BroadcastPast = BroadcastPast(),
        change: @Sendable (inout BroadcastServices) -> Void = { _ in },
        _ body: (FeedBench) async throws -> Void
    ) async throws {
        try await PlayedUpstream.with { upstream, base in
            try await withSocketBench(base) { sockets in
                var services = BroadcastServices(
                    opener: sockets.opener,
                    prices: ModelPrices(byModel: [:]),
                    scrubber: Scrubber(keys: []),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    transcriptionModel: transcriptionModel,
                    translationModel: translationModel
                )
                services.wallClockMilliseconds = { soonOver * 1_000 - 1 }
                change(&services)
                let bench = try await make(upstream, services, past, on: sockets.carrying)
                defer { bench.live.onLoop { $0.abandon("test", code: .normal) } }
                try await body(bench)
            }
        }
    }

    private static func make(
        _ upstream: PlayedUpstream,
        _ services: BroadcastServices,
        _ past: BroadcastPast,
        on loop: EventLoop
    ) async throws -> FeedBench {
        let user = try #require(UserID("anna"))
        let store = try ContextStore(path: ":memory:").user(user)
        let settings = BroadcastSettings(
            title: "Rivers",
            mode: .translation,
            sourceLanguage: "en",
            languages: ["es"],
            hasAudio: false,
            access: .public,
            tokenHash: nil,
            metadata: [:]
        )
        let broadcast = try #require(try await store.createBroadcast(settings, once: nil).value)
        let live = LiveBroadcast(
            OwnedBroadcast(user: user, broadcast: broadcast),
            past,
            on: loop,
            rooms: [],
            services: services,
            store: store,
            safetyIdentifier: "anna",
            onIdle: { true }
        )
        let (captions, told) = AsyncStream<Caption>.makeStream()
        live.recorder = CaptionRecorder(broadcast, store: store, logger: services.logger) {
            stored,
            _ in
            for caption in stored { told.yield(caption) }
        }
        return FeedBench(live: live, upstream: upstream, captions: captions)
    }
}

extension Caption {
    /// As `text`, `text|reason of being cut` or `[reason of a gap]`.
    var shown: String {
        guard let reason else { return text }
        return kind == .gap ? "[\(reason.rawValue)]" : "\(text)|\(reason.rawValue)"
    }
}
