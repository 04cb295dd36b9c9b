import ArgumentParser
import ContextStore
import SessionBroker

/// `broker backup`: a consistent copy of the database, and its secret, while the broker runs.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the database and its secret, also while the broker runs."
    )

    @Argument(
        help: """
            The file to write, and beside it FILE.secret; earlier copies of these names are \
            replaced.
            """
    )
    var file: String

    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { try await $0.backup(to: file) }
        _ = try InstallationSecret.copy(fromBeside: storeOptions.path, toBeside: file)
    }
}
