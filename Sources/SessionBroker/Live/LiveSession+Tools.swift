internal import ContextStore
internal import JSON
internal import Logging
internal import WebServer

extension LiveSession {
    /// Does what the tool desk asks for.
    func perform(_ actions: [ToolDesk.Action]) {
        for action in actions {
            switch action {
            case .run(let call): run(call)
            case .answer(let call, let item, let output): answer(call, item, output)
            case .requestResponse:
                let eventID = makeEventID()
                turn.noteRequest(eventID)
                sendUpstream(["type": "response.create", "event_id": .string(eventID)])
            }
        }
    }

    private func run(_ call: ToolCall) {
        let (tools, plan, logger) = (services.tools, plan, logger)
        // For what is looked up, what was said just now counts as well.
        let recorder = call.name == RecallTool.name ? recorder : nil
        Task { [self] in
            await recorder?.flush()
            let output = await tools.output(of: call, in: plan, logger: logger)
            onLoop { session in
                guard session.endReason == nil else { return }
                session.perform(session.desk.answered(call, with: output))
            }
        }
    }

    private func answer(_ callID: String, _ itemID: String, _ output: String) {
        view.hide(itemID)
        let event: JSONValue = [
            "type": "conversation.item.create",
            "event_id": .string(makeEventID()),
            "item": [
                "id": .string(itemID), "type": "function_call_output", "call_id": .string(callID),
                "output": .string(output),
            ],
        ]
        // There may be no upstream just now, or one that is lost before it takes the answer.
        unconfirmed.sent("conversation.item.create", event, event.bytes)
        sendUpstream(event)
    }
}
