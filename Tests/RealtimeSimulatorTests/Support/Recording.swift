import Foundation
import JSON

/// Recorded traffic of the real service, kept next to the package; tests go without where it is
/// not there.
struct Recording {
    let name: String
    /// What the server sent.
    let events: [JSONObject]
    /// Every line behind the first.
    let frames: [JSONValue]

    /// The recordings of a transport, such as `sideband` or `http`.
    static func all(of transport: String) -> [Recording] {
        all.filter { $0.name.hasSuffix(".\(transport).jsonl") }
    }

    /// All of OpenAI's recorded sockets that are in the protocol's present form.
    static let all: [Recording] = {
        // Tests/RealtimeSimulatorTests/Support/Recording.swift is three folders down.
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appending(path: "../shared/recordings").standardizedFileURL
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        if names.isEmpty { print("no recordings at ../shared/recordings: shapes are not compared") }
        return names.filter { $0.hasPrefix("openai.") && $0.hasSuffix(".jsonl") }.sorted()
            .compactMap { name in
                let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
                return text.map { Recording(name: name, lines: $0) }
            }
    }()

    private init(name: String, lines: String) {
        self.name = name
        frames = lines.split(separator: "\n").dropFirst().compactMap { line in
            try? JSONValue(parsing: Array(line.utf8))
        }
        events = frames.compactMap { frame in
            frame["dir"] == "server" ? frame["event"]?.objectValue : nil
        }
    }
}

/// The keys of a value at every depth, in order; what tells two shapes apart.
indirect enum Shape: Hashable, CustomStringConvertible {
    case scalar
    case array(Set<Shape>)
    case object([Pair])

    struct Pair: Hashable {
        let key: String
        let shape: Shape
    }

    /// The shape of a value; what clients fill freely is opaque.
    init(_ value: JSONValue, opaque: Set<String>) {
        switch value {
        case .array(let values):
            self = .array(Set(values.map { Shape($0, opaque: opaque) }))
        case .object(let object):
            self = .object(
                object.members.map { key, value in
                    let shape = opaque.contains(key) ? .scalar : Shape(value, opaque: opaque)
                    return Pair(key: key, shape: shape)
                }
            )
        default: self = .scalar
        }
    }

    var description: String {
        switch self {
        case .scalar: "·"
        case .array(let shapes): "[\(shapes.map(\.description).sorted().joined(separator: "|"))]"
        case .object(let pairs): "{\(pairs.map { "\($0.key):\($0.shape)" }.joined(separator: " "))}"
        }
    }
}
