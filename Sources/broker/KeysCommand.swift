import ArgumentParser
import SessionBroker

/// `broker keys`: makes or shows what others are to know.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes a service key, or prints the secret of webhooks.",
        subcommands: [ServiceKeyCommand.self, WebhookSecretCommand.self],
        defaultSubcommand: ServiceKeyCommand.self
    )
}

/// `broker keys service`, or `broker keys` alone: makes a service key.
struct ServiceKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Makes a service key and prints it; it is stored nowhere.",
        discussion: "Put it into BROKER_API_KEYS, beside the others, separated by commas."
    )

    func run() throws {
        print(try ServiceKey.make())
    }
}

/// `broker keys webhook`: what receivers of webhooks check signatures with.
struct WebhookSecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Prints the secret that calls of tools are signed with.",
        discussion: """
            Every receiver of this installation's calls needs it \
            (https://www.standardwebhooks.com). It comes from the secret beside the database, and \
            changes with that alone.
            """
    )

    @OptionGroup var storeOptions: StoreOptions

    func run() throws {
        print(try WebhookSecret(ofDatabase: storeOptions.path).plaintext)
    }
}
