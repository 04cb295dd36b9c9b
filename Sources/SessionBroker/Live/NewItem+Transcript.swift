internal import ContextStore
internal import JSON
internal import Transcript

extension NewItem {
    /// An item of a transcript as it is stored; nil for kinds that nobody said or did anything by.
    init?(_ item: TranscriptItem, in session: SessionID) {
        guard let (kind, role) = Self.kind(of: item) else { return nil }
        self.init(
            sessionID: session,
            upstreamID: item.id,
            kind: kind,
            role: role,
            content: item.storedText,
            status: Item.Status(item.status),
            placement: ItemPlacement(item.predecessor),
            metadata: item.metadata
        )
    }

    private static func kind(of item: TranscriptItem) -> (Item.Kind, Item.Role)? {
        switch item.kind {
        case .message:
            switch item.role {
            case .user: (.message, .user)
            case .assistant: (.message, .assistant)
            case .system: (.message, .system)
            case nil: nil
            }
        case .functionCall, .mcpCall: (.functionCall, .assistant)
        case .functionCallOutput: (.functionCallOutput, .tool)
        case .mcpListTools, .mcpApprovalRequest, .mcpApprovalResponse, .other: nil
        }
    }
}

extension Item.Status {
    fileprivate init(_ status: TranscriptItem.Status) {
        switch status {
        case .inProgress: self = .inProgress
        case .completed: self = .completed
        case .incomplete: self = .incomplete
        }
    }
}

extension ItemPlacement {
    fileprivate init(_ predecessor: ItemPredecessor) {
        switch predecessor {
        case .unknown: self = .unspecified
        case .first: self = .first
        case .item(let id): self = .after(id)
        }
    }
}
