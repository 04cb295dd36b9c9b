internal import ContextStore
internal import JSON

/// The forms in which a conversation leaves the broker.
enum TranscriptFormat: String, CaseIterable, Sendable {
    case jsonl, markdown, text, vtt

    /// The media type.
    var contentType: String {
        switch self {
        case .jsonl: "application/jsonl"
        case .markdown: "text/markdown; charset=utf-8"
        case .text: "text/plain; charset=utf-8"
        case .vtt: "text/vtt; charset=utf-8"
        }
    }

    /// The ending of a file's name.
    var fileExtension: String {
        switch self {
        case .jsonl: "jsonl"
        case .markdown: "md"
        case .text: "txt"
        case .vtt: "vtt"
        }
    }
}

/// Writes a conversation item by item, so that its length does not matter.
struct TranscriptWriter: Sendable {
    private let format: TranscriptFormat
    private let conversation: Conversation
    private var start: Timestamp?
    private var lastDay: String?
    /// A caption lasts until the next one starts, so each waits for its successor.
    private var waiting: Item?

    init(_ format: TranscriptFormat, of conversation: Conversation) {
        self.format = format
        self.conversation = conversation
    }

    /// What stands before the first item.
    func opening() -> String {
        switch format {
        case .jsonl, .text: ""
        case .markdown: "# \(Self.oneLine(conversation.title ?? "Conversation"))\n"
        case .vtt: "WEBVTT\n"
        }
    }

    /// The text of the next item.
    mutating func next(_ item: Item) -> String {
        switch format {
        case .jsonl: return item.json.text + "\n"
        case .markdown: return markdown(item)
        case .text: return text(item)
        case .vtt:
            defer { waiting = item }
            return waiting.map { caption($0, until: item.createdAt) } ?? ""
        }
    }

    /// What stands behind the last item.
    mutating func closing() -> String {
        guard format == .vtt, let last = waiting else { return "" }
        return caption(last, until: nil)
    }

    private mutating func markdown(_ item: Item) -> String {
        var lines = ""
        let time = item.createdAt.formatted
        if time.day != lastDay {
            lastDay = time.day
            lines += "\n## \(time.day)\n"
        }
        let body = item.content
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .joined(separator: "\n> ")
        let mark = item.status == .incomplete ? " (interrupted)" : ""
        return lines + "\n**\(Self.speaker(item))** \(time.minute)\(mark)\n\n> \(body)\n"
    }

    private func text(_ item: Item) -> String {
        let time = item.createdAt.formatted
        return "[\(time.day) \(time.minute)] \(Self.speaker(item)): \(Self.oneLine(item.content))\n"
    }

    /// One cue of WebVTT (W3C), in time from the first item.
    private mutating func caption(_ item: Item, until next: Timestamp?) -> String {
        let origin = start ?? item.createdAt
        start = origin
        let from = max(0, item.createdAt.milliseconds - origin.milliseconds)
        let spoken = from + Self.spokenMilliseconds(item.content)
        let following = next.map { $0.milliseconds - origin.milliseconds } ?? spoken
        let until = following > from ? min(spoken, following) : spoken
        let words = Self.oneLine(item.content)
            .map { Self.escapes[$0] ?? String($0) }.joined()
        return "\n\(Self.clock(from)) --> \(Self.clock(until))\n<v \(Self.speaker(item))>\(words)\n"
    }

    private static let escapes: [Character: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;"]

    /// How long it takes to say a text: 150 words a minute, at least a second.
    private static func spokenMilliseconds(_ text: String) -> Int64 {
        max(1_000, Int64(text.split(whereSeparator: \.isWhitespace).count) * 400)
    }

    private static func clock(_ milliseconds: Int64) -> String {
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let seconds = milliseconds / 1_000
        return padded(seconds / 3_600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":"
            + padded(seconds % 60, 2) + "." + padded(milliseconds % 1_000, 3)
    }

    private static func speaker(_ item: Item) -> String {
        switch item.kind {
        case .functionCall: "Tool call"
        case .functionCallOutput: "Tool output"
        case .message:
            switch item.role {
            case .user: "User"
            case .assistant: "Assistant"
            case .system: "System"
            case .tool: "Tool"
            }
        }
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
