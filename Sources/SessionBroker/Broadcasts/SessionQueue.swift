internal import Captions

/// The sessions of one kind that follow each other, in the order in which they got audio.
///
/// Only the first one is heard, where the order matters. What the others say, and how they end, is held until all before them
/// have ended, so that captions and gaps come in the order of speech. What is held is bounded by the
/// time that a session has to end in.
struct SessionQueue<Session: AnyObject, Event> {
    /// Something to tell now.
    enum Output {
        case said(Event, Session)
        /// It ended; with a reason unless it told all that it owed.
        case ended(Session, GapReason?)
    }

    private struct Entry {
        let session: Session
        var held: [Output] = []
        var isOver = false
    }

    /// Whether it matters who speaks first.
    let isOrdered: Bool
    private var entries: [Entry] = []

    init(isOrdered: Bool = true) { self.isOrdered = isOrdered }

    var isEmpty: Bool { entries.isEmpty }

    /// Those that have not ended yet.
    var open: [Session] { entries.filter { !$0.isOver }.map(\.session) }

    /// A session gets audio from now on.
    mutating func append(_ session: Session) { entries.append(Entry(session: session)) }

    /// A session said something.
    ///
    /// - Returns: What is to be told now; nothing of a session that is not in the queue.
    mutating func said(_ event: Event, _ session: Session) -> [Output] {
        put(.said(event, session), of: session)
    }

    /// A session has ended.
    mutating func ended(_ session: Session, _ reason: GapReason?) -> [Output] {
        put(.ended(session, reason), of: session, isOver: true)
    }

    private mutating func put(
        _ output: Output,
        of session: Session,
        isOver: Bool = false
    ) -> [Output] {
        guard let index = entries.firstIndex(where: { $0.session === session }) else { return [] }
        entries[index].held.append(output)
        entries[index].isOver = isOver
        return isOrdered ? advance() : take(index)
    }

    /// What the first session has said; once it is over, what the next one has.
    private mutating func advance() -> [Output] {
        var outputs: [Output] = []
        while let first = entries.first {
            outputs += take(0)
            guard first.isOver else { break }
        }
        return outputs
    }

    private mutating func take(_ index: Int) -> [Output] {
        let held = entries[index].held
        entries[index].held = []
        if entries[index].isOver { entries.remove(at: index) }
        return held
    }
}
