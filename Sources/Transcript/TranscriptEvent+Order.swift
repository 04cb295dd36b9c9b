extension TranscriptEvent {
    /// The event with its predecessor as another knows it.
    ///
    /// For a conversation that goes on elsewhere: what was last there need not be what is last here.
    public func movingPredecessor(
        _ known: (ItemPredecessor) -> ItemPredecessor
    ) -> TranscriptEvent {
        switch self {
        case .itemAdded(let item, let place): .itemAdded(item, after: known(place))
        case .itemDone(let item, let place): .itemDone(item, after: known(place))
        default: self
        }
    }
}
