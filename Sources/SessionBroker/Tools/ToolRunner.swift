internal import ContextStore
internal import JSON
internal import Logging

/// Finds the answers to calls of the broker's tools.
///
/// There is always an answer: an error becomes one that the model can read, and its details go to the
/// log.
struct ToolRunner: Sendable {
    /// The longest answer that a model is given, in bytes.
    static let maximumOutputBytes = 64 * 1_024
    /// The tokens that a recall may take.
    static let recallTokens = 2_000

    /// How long a recall waits until what was said a moment ago can be found.
    static let patience: Duration = .milliseconds(250)

    let indexer: MemoryIndexer
    let webhooks: WebhookClient

    /// What the model reads.
    func output(of call: ToolCall, in plan: LiveSession.Plan, logger: Logger) async -> String {
        do {
            guard let webhook = plan.webhooks[call.name] else {
                return try await recall(call, plan)
            }
            return try await webhooks.output(of: call, at: webhook, for: plan.toolCallOrigin)
        } catch {
            logger.error(
                "a tool has failed",
                metadata: [
                    "tool": .string(call.name), "call_id": .string(call.id), "cause": "\(error)",
                ]
            )
            return Self.failure((error as? WebhookError)?.modelMessage ?? "The tool failed.")
        }
    }

    private func recall(_ call: ToolCall, _ plan: LiveSession.Plan) async throws -> String {
        let query: RecallQuery
        do throws(JSONError) {
            let arguments = try JSONValue(parsing: Array(call.arguments.utf8))
            query = try RecallBody(JSONReader(of: arguments)).query
        } catch {
            return Self.failure(error.message)
        }
        try await indexer.catchUp(within: Self.patience)
        let hits = try await plan.store.recall(query)
        return RecallPage(hits, tokens: Self.recallTokens).text
    }

    /// An error as the model reads it.
    static func failure(_ message: String) -> String {
        JSONValue.object(["error": .string(message)]).text
    }
}

extension LiveSession.Plan {
    fileprivate var toolCallOrigin: ToolCallOrigin {
        ToolCallOrigin(
            session: session.id,
            conversation: session.conversationID,
            user: user,
            agent: session.agentID
        )
    }
}
