public import ArgumentParser
import ContextStore
import Foundation
public import SessionBroker

/// `broker export`: everything, or one user's or one conversation's part, to standard output.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes conversations to standard output."
    )

    @Option(help: "Only this user's.", transform: IDArgument.user)
    var user: UserID?

    @Option(help: "Only this conversation.", transform: IDArgument.conversation)
    var conversation: ConversationID?

    @Option(help: "jsonl or markdown.")
    var format: HistoryExporter.Format = .jsonl

    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { store in
            let exporter = HistoryExporter(store: store, format: format)
            try await exporter.export(user: user, conversation: conversation) { text in
                FileHandle.standardOutput.write(Data(text.utf8))
            }
        }
    }
}

extension HistoryExporter.Format: ExpressibleByArgument {}
