import ArgumentParser
import ContextStore
import Foundation
import SessionBroker

/// `broker import`: conversations from elsewhere, with their own times.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Stores conversations from a file of JSON lines.",
        discussion: """
            Each line is a message as `broker export` writes it: role, content, and if there are any \
            created_at, item_id and conversation_id. Messages with the same conversation_id belong \
            together. The same file again changes nothing.
            """
    )

    @Argument(help: "The file; - reads standard input.")
    var file: String

    @Option(
        help: "Whose conversations they are, where a line has no user_id. Default: default",
        transform: IDArgument.user
    )
    var user: UserID?

    @Option(
        help: "The conversation to add to; else the file's own.",
        transform: IDArgument.conversation
    )
    var conversation: ConversationID?

    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        let source = try LineReader(path: file)
        let user = try user ?? IDArgument.user("default")
        try await storeOptions.withStore(mustExist: false) { store in
            var importer = HistoryImporter(store: store, user: user, conversation: conversation)
            while let line = try source.next() { try await importer.add(line) }
            let report = try await importer.finish()
            print("\(report.messages) messages in \(report.conversations) conversations")
            if report.skipped > 0 {
                print(
                    "\(report.skipped) messages passed over: deleted here, or of another type or role"
                )
            }
        }
    }
}
