import ArgumentParser
import Foundation
import Logging
import RealtimeSimulator

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

    func run() async throws {
        let signals = TerminationSignals()
        let writer = LogWriter()
        defer { writer.flush() }
        let logger = Logger(label: "simulator") { _ in
            LineLogHandler(level: .notice, writer: writer)
        }
        var configuration = RealtimeSimulator.Configuration()
        configuration.host = host
        configuration.port = port
        configuration.apiKey = apiKey
        if let script { configuration.script = try SimulatorScript(contentsOf: script) }
        let simulator = RealtimeSimulator(configuration: configuration, logger: logger)
        let baseURL = try await simulator.start()
        let origin = baseURL.replacingOccurrences(of: "/v1", with: "")
        FileHandle.standardOutput.write(Data("listening on \(origin)\n".utf8))
        await signals.wait()
        await simulator.stop()
    }
}
