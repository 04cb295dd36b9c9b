internal import Captions

/// How a language's captions and gaps are made and told.
extension LanguageFeed {
    /// Begins a caption.
    func begin(atMs startMs: Int64) -> Int64 {
        track.begin(atMs: max(0, startMs), speaker: broadcast.speakerNumber)
    }

    /// More of a caption is told.
    func append(_ text: String, to sequence: Int64, endMs: Int64) {
        track.append(text, to: sequence, endMs: endMs)
        guard let draft = track.draft(sequence) else { return }
        broadcast.publish(.delta(text, of: draft, in: language), in: language)
    }

    /// A caption is over.
    @discardableResult
    func end(
        _ sequence: Int64,
        text: String? = nil,
        endMs: Int64? = nil,
        reason: GapReason? = nil,
        spokenLanguage: String? = nil
    ) -> Caption? {
        let caption = track.end(
            sequence,
            text: text,
            endMs: endMs,
            reason: reason,
            spokenLanguage: spokenLanguage
        )
        if let caption { tell(caption) }
        return caption
    }

    /// Tells a caption anew.
    @discardableResult
    func revise(_ caption: Caption, _ change: (inout Caption) -> Void) -> Caption {
        let revised = track.revise(caption, change)
        tell(revised)
        return revised
    }

    /// Marks that a stretch is missing; one that goes on is told anew when it is over.
    func beginGap(_ reason: GapReason, from startMs: Int64, to endMs: Int64) {
        gapEndMs = endMs
        guard openGap == nil else { return }
        let gap = gap(reason, from: startMs, to: endMs)
        openGap = gap
        tell(gap)
    }

    /// Ends the gap that goes on.
    func endGap(atMs timeMs: Int64) {
        guard let gap = openGap.take() else { return }
        let end = max(gapEndMs, min(timeMs, gapEndMs + 1_000))
        if end > gap.endMs { revise(gap) { $0.endMs = end } }
    }

    /// A gap, which is still to be told.
    func gap(_ reason: GapReason, from startMs: Int64, to endMs: Int64) -> Caption {
        track.gap(reason, from: startMs, to: endMs, speaker: broadcast.speakerNumber)
    }

    /// Has a caption stored, and told to listeners then.
    func tell(_ caption: Caption) {
        broadcast.record(caption)
    }

    /// A caption is on disk, and told to listeners.
    func publish(_ caption: Caption) {
        let event = BroadcastEvent.completed(caption)
        log.append(sequence: caption.sequence, number: caption.number, event)
        broadcast.publish(event, in: language)
    }
}
