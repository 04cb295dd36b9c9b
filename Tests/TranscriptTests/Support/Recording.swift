import Foundation
import JSON
import Testing
import Transcript

/// Wire traffic of real sessions that others recorded, kept outside of this repository.
struct Recording: CustomTestStringConvertible, Sendable {
    /// One frame of one connection.
    struct Frame: Sendable {
        let side: RealtimeEventReader.Side
        let event: JSONValue
    }

    let name: String
    /// The frames of each connection.
    let connections: [[Frame]]
    /// The transcript of each connection.
    let expected: [[JSONValue]]

    var testDescription: String { name }

    /// What stands for the recordings where there are none: no connection, no transcript.
    private static let nothing = Recording(name: "(no recordings)", connections: [], expected: [])

    /// Every recording with an expected transcript; without them an empty one, and a line that says
    /// so.
    static let all: [Recording] = {
        let folder = makeFolder()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let suffix = ".expected.json"
        let found = names.filter { $0.hasSuffix(suffix) }.sorted()
            .map { String($0.dropLast(suffix.count)) }
        guard !found.isEmpty else {
            print("No recordings in \(folder.path): their tests do nothing.")
            return [nothing]
        }
        return found.compactMap { try? Recording(name: $0, in: folder) }
    }()

    private static func makeFolder() -> URL {
        if let path = ProcessInfo.processInfo.environment["BROKER_RECORDINGS"] {
            return URL(fileURLWithPath: path)
        }
        let file = URL(fileURLWithPath: #filePath)
        let root = (0..<4).reduce(file) { url, _ in url.deletingLastPathComponent() }
        return root.appendingPathComponent("../shared/recordings").standardizedFileURL
    }

    private init(name: String, connections: [[Frame]], expected: [[JSONValue]]) {
        self.name = name
        self.connections = connections
        self.expected = expected
    }

    private init(name: String, in folder: URL) throws {
        self.name = name
        func lines(_ file: String) throws -> [Data] {
            let data = try Data(contentsOf: folder.appendingPathComponent(file))
            return data.split(separator: UInt8(ascii: "\n")).map { Data($0) }
        }
        let transcript = try Data(
            contentsOf: folder.appendingPathComponent("\(name).expected.json")
        )
        let sessions = try JSONValue(parsing: transcript)["sessions"]?.arrayValue ?? []
        expected = sessions.map { $0.arrayValue ?? [] }
        var connections: [[Frame]] = [[]]
        for line in try lines("\(name).jsonl").dropFirst() {
            let frame = try JSONValue(parsing: line)
            if frame["close"] != nil { connections.append([]) }
            guard let event = frame["event"] else { continue }
            let isClient = frame["dir"]?.stringValue == "client"
            connections[connections.count - 1].append(
                Frame(side: isClient ? .client : .server, event: event)
            )
        }
        if connections.last?.isEmpty == true, connections.count > expected.count {
            connections.removeLast()
        }
        self.connections = connections
    }
}
