internal import Captions
internal import JSON

/// Makes captions of what one kind of upstream session says.
protocol CaptionMaker: AnyObject {
    /// A session has taken over.
    func opened(_ session: BroadcastUpstream)
    /// An event of a session.
    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream)
    /// A session has ended, and told all before: what is open of it is cut short; without a reason it
    /// had said all that it owed.
    func ended(_ session: BroadcastUpstream, _ reason: GapReason?)
    /// The language is told no more, once the session that is open has said what it owes.
    func closed()
    /// Looks at what is due.
    func tick()
}

extension CaptionMaker {
    func opened(_ session: BroadcastUpstream) {}
    func closed() {}
    func tick() {}
}
