import ArgumentParser
import Foundation
import JSON
import Logging
import RealtimeSimulator
import WebServer

/// `broker simulate`: the simulator of the Realtime API, alone.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs the simulator of the Realtime API alone."
    )

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 picks a free one.")
    var port: UInt16 = 8_090

    @Option(help: "A file of scripted answers and faults (docs/simulator.md).")
    var script: String?

    @Option(help: "The key that clients must present.")
    var apiKey = "sk-sim"

    @Option(help: "Multiplies the pauses of the real service; 0 answers at once.")
    var pace = 1.0

    @Option(help: "Seconds that a session may last.")
    var sessionLimitSeconds = 3_600.0

    func run() async throws {
        let signals = TerminationSignals()
        FileDescriptors.raiseLimit()
        let writer = LogWriter()
        defer { writer.flush() }
        let logger = Logger(label: "simulator") { _ in
            LineLogHandler(level: .notice, writer: writer)
        }
        var configuration = RealtimeSimulator.Configuration()
        configuration.host = host
        configuration.port = port
        configuration.apiKey = apiKey
        configuration.pace = pace
        configuration.sessionLimitSeconds = sessionLimitSeconds
        if let script { configuration.scenario = try Self.scenario(in: script) }
        let simulator = RealtimeSimulator(configuration: configuration, logger: logger)
        let address = try await simulator.start()
        let line = "listening on http://\(host):\(address.port)\n"
        FileHandle.standardOutput.write(Data(line.utf8))
        await signals.wait()
        await simulator.stop()
    }

    private static func scenario(in file: String) throws -> Scenario {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ValidationError("the script cannot be read: \(file)")
        }
        do {
            return try Scenario(JSONValue(parsing: data))
        } catch {
            throw ValidationError("the script cannot be used: \(error.message)")
        }
    }
}
