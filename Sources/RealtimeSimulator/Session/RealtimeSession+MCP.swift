internal import JSON

// Servers of tools that upstream would call by itself. None is ever reached from here: what they
// have and answer is what a script says.

extension RealtimeSession {
    /// Asks servers for their tools that were not asked yet.
    mutating func listTools() {
        for tool in configuration.tools where !tool.isFunction {
            guard listedServers.insert(tool.name).inserted else { continue }
            let id = identifiers.item()
            emit("mcp_list_tools.in_progress", [("item_id", .string(id))])
            agenda.add(.toolList(itemID: id, serverLabel: tool.name), at: now + pause(200))
        }
    }

    mutating func toolsWereListed(_ itemID: String, _ serverLabel: String) {
        let id: JSONObject.Member = ("item_id", .string(itemID))
        guard let tools = scenario.mcpTools[serverLabel] else {
            return emit("mcp_list_tools.failed", [id])
        }
        add(
            ConversationItem(
                id: itemID,
                status: .completed,
                body: .mcpListTools(serverLabel: serverLabel, tools: tools)
            )
        )
        emit("mcp_list_tools.completed", [id])
        finishItem(itemID)
    }

    /// The arguments are complete, and the tool is at work.
    mutating func callTool(_ index: Int, _ number: Int) {
        let output = responses[index].outputs[number]
        emit(
            "response.mcp_call_arguments.done",
            output.callMembers + [("arguments", .string(output.said))]
        )
        emit("response.mcp_call.in_progress", Self.toolMembers(output))
    }

    mutating func takeResult(_ index: Int, _ number: Int) {
        responses[index].outputs[number].hasResult = true
        let output = responses[index].outputs[number]
        guard case .mcpCall(let call) = output.answer else { return }
        let outcome = call.output == nil ? "failed" : "completed"
        emit("response.mcp_call.\(outcome)", Self.toolMembers(output))
    }

    private static func toolMembers(_ output: ResponseOutput) -> [JSONObject.Member] {
        [
            ("output_index", .integer(Int64(output.index))), ("item_id", .string(output.itemID)),
        ]
    }
}
