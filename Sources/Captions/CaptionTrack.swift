/// The captions of one language while they are made: gives them their numbers, and ends each once.
public struct CaptionTrack: Sendable {
    /// One that is being spoken.
    public struct Draft: Sendable, Equatable {
        /// Its place.
        public let sequence: Int64
        /// What was told of it so far.
        public fileprivate(set) var text = ""
        /// When it began.
        public let startMs: Int64
        /// Up to when it was heard.
        public fileprivate(set) var endMs: Int64
        /// Whose it is.
        public let speaker: Int64
    }

    /// The language.
    public let language: String
    /// The last place that was given away.
    public private(set) var lastSequence: Int64
    /// The number of the last caption that was told.
    public private(set) var lastNumber: Int64
    /// Up to when it was told what was said.
    public private(set) var coveredMs: Int64
    private var drafts: [Int64: Draft] = [:]

    /// A track that goes on behind what is stored.
    public init(
        language: String,
        lastSequence: Int64 = 0,
        lastNumber: Int64 = 0,
        coveredMs: Int64 = 0
    ) {
        self.language = language
        self.lastSequence = lastSequence
        self.lastNumber = lastNumber
        self.coveredMs = coveredMs
    }

    /// What is being spoken, in order.
    public var open: [Draft] { drafts.values.sorted { $0.sequence < $1.sequence } }

    /// One of those.
    public func draft(_ sequence: Int64) -> Draft? { drafts[sequence] }

    /// Begins a caption.
    ///
    /// - Returns: Its sequence.
    public mutating func begin(atMs startMs: Int64, speaker: Int64) -> Int64 {
        lastSequence += 1
        drafts[lastSequence] = Draft(
            sequence: lastSequence,
            startMs: startMs,
            endMs: startMs,
            speaker: speaker
        )
        return lastSequence
    }

    /// More of a caption was heard, up to a time.
    public mutating func append(_ text: String, to sequence: Int64, endMs: Int64) {
        guard var draft = drafts[sequence] else { return }
        draft.text += text
        draft.endMs = max(draft.endMs, endMs)
        drafts[sequence] = draft
    }

    /// Ends a caption.
    ///
    /// - Parameters:
    ///   - sequence: Which.
    ///   - text: The whole text; nil for what was told so far.
    ///   - endMs: When it ended; nil for where it was heard last.
    ///   - reason: Why it is not whole. Without any text it is then a gap.
    ///   - spokenLanguage: The language that was heard, where that is known.
    /// - Returns: The caption; nil when it is none or was ended before. One without text and without a
    ///   reason was no speech: if others follow already, it is told as an empty text, so that no place
    ///   stays open.
    public mutating func end(
        _ sequence: Int64,
        text: String? = nil,
        endMs: Int64? = nil,
        reason: GapReason? = nil,
        spokenLanguage: String? = nil
    ) -> Caption? {
        guard let draft = drafts.removeValue(forKey: sequence) else { return nil }
        let said = trimmed(text ?? draft.text)
        if said.isEmpty, reason == nil, draft.text.isEmpty, sequence == lastSequence {
            // Nobody has heard of it: its place is free again.
            lastSequence -= 1
            return nil
        }
        return tell(
            Caption(
                language: language,
                sequence: sequence,
                number: 0,
                kind: said.isEmpty && reason != nil ? .gap : .text,
                text: said,
                reason: reason,
                speaker: draft.speaker,
                spokenLanguage: spokenLanguage,
                startMs: draft.startMs,
                endMs: max(draft.startMs, endMs ?? draft.endMs)
            )
        )
    }

    /// Ends all captions that are open, as far as they were told.
    public mutating func cutAll(reason: GapReason) -> [Caption] {
        open.compactMap { end($0.sequence, reason: reason) }
    }

    /// Marks what is missing.
    public mutating func gap(
        _ reason: GapReason,
        from startMs: Int64,
        to endMs: Int64,
        speaker: Int64
    ) -> Caption {
        lastSequence += 1
        return tell(
            Caption(
                language: language,
                sequence: lastSequence,
                number: 0,
                kind: .gap,
                reason: reason,
                speaker: speaker,
                startMs: startMs,
                endMs: max(startMs, endMs)
            )
        )
    }

    /// Marks that the caption of a place is missing, which was given away by another track.
    public mutating func gap(
        _ reason: GapReason,
        in sequence: Int64,
        atMs timeMs: Int64,
        _ speaker: Int64
    ) -> Caption {
        tell(
            Caption(
                language: language,
                sequence: sequence,
                number: 0,
                kind: .gap,
                reason: reason,
                speaker: speaker,
                startMs: timeMs,
                endMs: timeMs
            )
        )
    }

    /// Tells a caption anew, in its place.
    public mutating func revise(
        _ caption: Caption,
        _ change: (inout Caption) -> Void
    ) -> Caption {
        var revised = caption
        change(&revised)
        revised.text = trimmed(revised.text)
        revised.revision = caption.revision + 1
        return tell(revised)
    }

    /// The next caption has nothing to do with what was said before this.
    public mutating func skip(toMs timeMs: Int64) { coveredMs = max(coveredMs, timeMs) }

    private mutating func tell(_ caption: Caption) -> Caption {
        var caption = caption
        lastNumber += 1
        caption.number = lastNumber
        coveredMs = max(coveredMs, caption.endMs)
        return caption
    }

    private func trimmed(_ text: String) -> String {
        String(
            text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        )
    }
}
