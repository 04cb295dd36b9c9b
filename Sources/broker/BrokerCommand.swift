import ArgumentParser
import SessionBroker

/// The `broker` program: each subcommand is a file of its own.
@main
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "The backend behind a realtime voice page.",
        version: Broker.version,
        subcommands: [
            ServeCommand.self, SimulateCommand.self, ImportCommand.self, ExportCommand.self,
            BackupCommand.self, CheckCommand.self, KeysCommand.self,
        ]
    )
}
