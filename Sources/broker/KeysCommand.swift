import ArgumentParser
import SessionBroker

/// `broker keys`: makes a service key.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes a service key and prints it; it is stored nowhere.",
        discussion: "Put it into BROKER_API_KEYS, beside the others, separated by commas."
    )

    func run() throws {
        print(try ServiceKey.make())
    }
}
