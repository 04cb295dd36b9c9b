/// One part of a message: written, generated, or said by the user and transcribed.
struct ItemPart: Sendable, Equatable {
    /// How the user's speech became text, as far as it did.
    struct Speech: Sendable, Equatable {
        /// What is understood so far, piece by piece.
        var heard = GrowingText()
        /// A transcript that a better one may follow.
        var provisional: String?
        /// The transcript.
        var transcript: String?
        /// Why there is none.
        var failureCode: String?

        /// Whether neither transcript nor failure came.
        var isOpen: Bool { transcript == nil && failureCode == nil }
    }

    var kind: TranscriptItem.ContentKind
    /// Text of the item itself, or the transcript of an answer's audio.
    var written = GrowingText()
    /// Nil unless it is the user's speech.
    var speech: Speech?

    /// The text of this part in the transcript.
    ///
    /// Pieces of the user's speech do not count: they may be far from what is understood at last.
    var text: String {
        guard let speech else { return written.text }
        return speech.transcript ?? speech.provisional ?? ""
    }
}
