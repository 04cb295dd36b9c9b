extension TranscriptEvent {
    /// The event with another predecessor in place of one.
    ///
    /// For a conversation that goes on elsewhere: what was last there need not be what is last here.
    public func movingPredecessor(
        from said: ItemPredecessor,
        to stored: ItemPredecessor
    ) -> TranscriptEvent {
        switch self {
        case .itemAdded(let item, let place) where place == said: .itemAdded(item, after: stored)
        case .itemDone(let item, let place) where place == said: .itemDone(item, after: stored)
        default: self
        }
    }
}
