internal import Captions
internal import ContextStore

/// What is stored of a broadcast that is taken up.
struct BroadcastPast: Sendable {
    /// So many captions of each language are read for those who come back.
    static let limit = 1_000

    /// How far each language has come, with what is missing.
    var tracks: [String: CaptionTrack] = [:]
    /// The captions that were told last, by language.
    var told: [String: [Caption]] = [:]
    /// What is missing because the process before ended while somebody spoke; not stored yet.
    var missing: [Caption] = []
    /// Up to when nothing was told in any language, because the process before ended at the first words.
    var lostUntilMs: Int64 = 0

    var coveredMs: Int64 { tracks.values.map(\.coveredMs).max() ?? 0 }

    func track(_ language: String) -> CaptionTrack {
        tracks[language] ?? CaptionTrack(language: language)
    }

    /// Reads what is stored of a broadcast.
    ///
    /// Nothing is written, so that people can listen even while the database takes nothing.
    static func read(
        _ broadcast: Broadcast,
        _ store: UserStore,
        at nowMs: Int64
    ) async throws -> BroadcastPast {
        var past = BroadcastPast()
        for state in try await store.tracks(of: broadcast.id) {
            let language = state.language
            past.tracks[language] = CaptionTrack(
                language: language,
                lastSequence: state.lastSequence,
                lastNumber: state.lastNumber,
                coveredMs: state.coveredMs
            )
            past.told[language] = try await store.latestCaptions(
                of: broadcast.id,
                language: language,
                limit: limit
            ).map(\.caption)
            guard broadcast.isSpeaking else { continue }
            let holes = try await store.missingCaptions(
                of: broadcast.id,
                language: language,
                last: state.lastSequence
            )
            past.markInterruption(of: broadcast, language, holes, at: nowMs)
        }
        let source = broadcast.settings.sourceLanguage
        if broadcast.isSpeaking, past.tracks[source] == nil {
            past.markInterruption(of: broadcast, source, [], at: nowMs)
            past.lostUntilMs = past.track(source).coveredMs
        }
        return past
    }

    /// Marks the places that were given away and never told, and the time from then on.
    private mutating func markInterruption(
        of broadcast: Broadcast,
        _ language: String,
        _ holes: [Int64],
        at nowMs: Int64
    ) {
        var track = track(language)
        let coveredMs = track.coveredMs
        for hole in holes {
            missing.append(
                track.gap(.brokerRestarted, in: hole, atMs: coveredMs, broadcast.speakers)
            )
        }
        let elapsedMs = broadcast.startedAt.map { nowMs - $0.milliseconds } ?? 0
        missing.append(
            track.gap(
                .brokerRestarted,
                from: coveredMs,
                to: max(coveredMs, elapsedMs),
                speaker: broadcast.speakers
            )
        )
        tracks[language] = track
    }
}
