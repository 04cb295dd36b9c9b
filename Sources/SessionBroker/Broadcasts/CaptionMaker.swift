internal import JSON

/// Makes captions of what one kind of upstream session says.
protocol CaptionMaker: AnyObject {
    /// A session has taken over.
    func opened(_ session: BroadcastUpstream)
    /// An event of a session.
    func received(_ type: String, _ event: JSONValue, from session: BroadcastUpstream)
    /// A session that was let go has ended.
    func ended(_ session: BroadcastUpstream)
    /// The session is lost; the captions that were open are ended by the caller.
    func forget()
    /// Looks at what is due.
    func tick()
}

extension CaptionMaker {
    func opened(_ session: BroadcastUpstream) {}
    func tick() {}
}
