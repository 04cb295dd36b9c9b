internal import Captions
internal import ContextStore
internal import JSON
internal import WebServer

/// The forms in which the captions of a broadcast leave the broker.
enum CaptionFormat: String, CaseIterable, Sendable {
    case vtt, srt, md, json

    /// The form that a request asks for; WebVTT without one.
    ///
    /// - Throws: `JSONError` for one that there is not.
    init(_ request: HTTPRequest) throws(JSONError) {
        guard let name = request.query["format"] else {
            self = .vtt
            return
        }
        guard let format = CaptionFormat(rawValue: name) else {
            let known = Self.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw JSONError(
                code: "invalid_value",
                message: "'format' must be one of \(known).",
                param: "format"
            )
        }
        self = format
    }

    /// The media type.
    var contentType: String {
        switch self {
        case .vtt: "text/vtt; charset=utf-8"
        case .srt: "application/x-subrip; charset=utf-8"
        case .md: "text/markdown; charset=utf-8"
        case .json: "application/json"
        }
    }
}

/// Writes the captions of one language one by one, so that their number does not matter.
struct CaptionWriter: Sendable {
    private let format: CaptionFormat
    private let broadcast: Broadcast
    private let language: String
    private var count = 0

    init(_ format: CaptionFormat, of broadcast: Broadcast, _ language: String) {
        self.format = format
        self.broadcast = broadcast
        self.language = language
    }

    /// What stands before the first caption.
    func opening() -> String {
        switch format {
        case .vtt: return "WEBVTT\nLanguage: \(language)\n"
        case .srt: return ""
        case .md:
            let title = broadcast.settings.title.isEmpty ? "Broadcast" : broadcast.settings.title
            return "# \(Self.oneLine(title)) (\(language))\n"
        case .json:
            return
                "{\"object\":\"broadcast.export\",\"broadcast_id\":\"\(broadcast.id.text)\","
                + "\"language\":\"\(language)\",\"segments\":["
        }
    }

    /// The text of the next caption; those without words are left out of what people read.
    mutating func next(_ stored: StoredCaption) -> String {
        let caption = stored.caption
        if format == .json {
            defer { count += 1 }
            return (count == 0 ? "" : ",") + stored.json.text
        }
        guard caption.kind == .gap || !caption.text.isEmpty else { return "" }
        count += 1
        let words = Self.words(of: caption)
        switch format {
        case .vtt:
            let times = Self.times(caption, ".")
            return "\n\(times)\n\(Self.escaped(words))\n"
        case .srt: return "\(count)\n\(Self.times(caption, ","))\n\(words)\n\n"
        case .md: return "\n**\(Self.clock(caption.startMs, ".").prefix(8))** \(words)\n"
        case .json: return ""
        }
    }

    /// What stands behind the last caption.
    func closing() -> String { format == .json ? "]}" : "" }

    private static func words(of caption: Caption) -> String {
        guard caption.kind == .gap else { return oneLine(caption.text) }
        let reason =
            switch caption.reason {
            case .noListeners: "not translated: nobody listened"
            case .rateLimited: "missing: the service took no more"
            case .notUnderstood: "missing: not understood"
            case .upstreamSlow: "missing: the service was too slow"
            case .brokerRestarted: "missing: the broadcast was interrupted"
            default: "missing: the connection was lost"
            }
        return "[\(reason)]"
    }

    private static func times(_ caption: Caption, _ point: String) -> String {
        // A cue must last.
        let end = max(caption.endMs, caption.startMs + 1)
        return "\(clock(caption.startMs, point)) --> \(clock(end, point))"
    }

    private static func clock(_ milliseconds: Int64, _ point: String) -> String {
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let seconds = milliseconds / 1_000
        return padded(seconds / 3_600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":"
            + padded(seconds % 60, 2) + point + padded(milliseconds % 1_000, 3)
    }

    private static let escapes: [Character: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;"]

    private static func escaped(_ text: String) -> String {
        text.map { escapes[$0] ?? String($0) }.joined()
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
