import ArgumentParser
import ContextStore

/// `broker check`: whether the database is whole.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Looks for damage in the database; exits with 1 when there is any."
    )

    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        let damages = try await storeOptions.withStore { try await $0.check() }
        guard !damages.isEmpty else {
            print("the database is whole")
            return
        }
        for damage in damages { print(damage) }
        throw ExitCode.failure
    }
}
