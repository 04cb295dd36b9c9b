import ArgumentParser
import ContextStore

/// `broker backup`: a consistent copy of the database while the broker runs.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the database, also while the broker runs."
    )

    @Argument(help: "The file to write; an earlier copy of that name is replaced.")
    var file: String

    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { try await $0.backup(to: file) }
    }
}
