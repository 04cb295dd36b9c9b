import Transcript

/// What a store holds after actions, placed by its rules; and what it was asked to do.
struct StoredTranscript {
    private(set) var ids: [String] = []
    private(set) var items: [String: TranscriptItem] = [:]
    private(set) var usages: [TranscriptUsage] = []
    private(set) var writes = 0
    private var placed: Set<String> = []
    /// Items whose predecessor is not there yet, by its id.
    private var waiting: [String: [String]] = [:]

    /// The items in the order of the conversation.
    var list: [TranscriptItem] { ids.compactMap { items[$0] } }

    /// Their texts, each with who said it.
    var lines: [String] {
        list.map { "\($0.role?.rawValue ?? "-"): \($0.storedText)" }
    }

    mutating func perform(_ actions: [TranscriptAction]) {
        for action in actions {
            switch action {
            case .store(let item), .checkpoint(let item): put(item)
            case .delete(let id):
                ids.removeAll { $0 == id }
                items[id] = nil
            case .recordUsage(let usage): usages.append(usage)
            }
        }
    }

    private mutating func put(_ item: TranscriptItem) {
        writes += 1
        let isKnown = items.updateValue(item, forKey: item.id) != nil
        if isKnown && (placed.contains(item.id) || item.predecessor == .unknown) { return }
        if isKnown { ids.removeAll { $0 == item.id } }
        switch item.predecessor {
        case .unknown: ids.append(item.id)
        case .first: ids.insert(item.id, at: 0)
        case .item(let before):
            let index = ids.lastIndex(of: before)
            if index == nil { waiting[before, default: []].append(item.id) }
            ids.insert(item.id, at: index.map { $0 + 1 } ?? ids.count)
        }
        if item.predecessor != .unknown { placed.insert(item.id) }
        for late in waiting.removeValue(forKey: item.id) ?? [] where late != item.id {
            ids.removeAll { $0 == late }
            ids.insert(late, at: (ids.firstIndex(of: item.id) ?? ids.count - 1) + 1)
        }
    }
}
