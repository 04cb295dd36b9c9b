/// A call's speech on its way to the user, as the server that plays it knows it.
///
/// Speech is made faster than it is played, so that much of it can wait here. It is played in real
/// time, whatever the pace of the session.
struct Playback: Sendable {
    /// The speech of one item.
    struct Piece: Sendable, Equatable {
        let responseID: String
        let itemID: String
        let startsAt: Duration
        var ms: Int

        var endsAt: Duration { startsAt + .milliseconds(ms) }

        /// How much of it was heard.
        func heardMs(at now: Duration) -> Int {
            min(ms, max(0, Int((now - startsAt) / .milliseconds(1))))
        }
    }

    /// In the order of their playing; of the responses that are not played to their end.
    private(set) var pieces: [Piece] = []

    /// The responses that are heard, or will be.
    var responseIDs: [String] {
        pieces.reduce(into: []) { ids, piece in
            if ids.last != piece.responseID { ids.append(piece.responseID) }
        }
    }

    /// Queues speech.
    ///
    /// - Returns: When it is heard, if it is the first of its response.
    mutating func add(ms: Int, itemID: String, responseID: String, at now: Duration) -> Duration? {
        if let last = pieces.last, last.itemID == itemID {
            pieces[pieces.count - 1].ms += ms
            return nil
        }
        let isFirst = !pieces.contains { $0.responseID == responseID }
        let start = max(now, pieces.last?.endsAt ?? now)
        pieces.append(
            Piece(responseID: responseID, itemID: itemID, startsAt: start, ms: ms)
        )
        return isFirst ? start : nil
    }

    /// When the last word of a response is out; nil when none of it was, or it was cleared.
    func end(of responseID: String) -> Duration? {
        pieces.last { $0.responseID == responseID }?.endsAt
    }

    /// Forgets a response that was played to its end.
    mutating func finish(_ responseID: String) {
        pieces.removeAll { $0.responseID == responseID }
    }

    /// Throws away what was not heard yet.
    mutating func clear() {
        pieces = []
    }
}
