internal import JSON

/// Which calls of the broker's tools are open, and when the model is to go on: a pure state.
///
/// Each call is answered once, however often upstream tells of it. The model is asked to go on when
/// all calls of a response are answered, and only while no response is in progress (reference, 9.5).
/// A response that also calls tools of the client is for the client to go on with.
struct ToolDesk: Sendable {
    /// What is to be done, in this order.
    enum Action: Sendable, Equatable {
        /// Find the answer, and bring it to ``answered(_:with:)``.
        case run(ToolCall)
        /// Put an answer into the conversation, under an item id.
        case answer(callID: String, itemID: String, output: String)
        /// Ask for the next response.
        case requestResponse
    }

    private struct Round {
        var open: Set<String> = []
        var answers = 0
        var hasClientCalls = false
        var isDone = false
        /// Whether another response began since.
        var isPassed = false
    }

    /// The tools that the broker answers.
    var tools: Set<String>
    private var rounds: [String: Round] = [:]
    /// The response of each open call.
    private var responses: [String: String] = [:]
    /// Calls that were taken, so that none is taken twice; oldest first.
    private var taken: [String] = []
    private var activeResponses: Set<String> = []
    /// Out-of-band responses in progress: what they call is not in the conversation, so that there is
    /// no answering it.
    private var apart: Set<String> = []
    private var wantsResponse = false

    private static let maximumTaken = 256

    /// An empty desk for tools of these names.
    init(tools: Set<String>) {
        self.tools = tools
    }

    /// Whether no call waits for its answer.
    var isIdle: Bool { responses.isEmpty }

    /// Whether events of a type matter.
    func concerns(_ type: String) -> Bool {
        guard !tools.isEmpty else { return false }
        return switch type {
        case "response.created", "response.output_item.done", "response.done": true
        default: false
        }
    }

    /// Takes in an event of upstream's.
    mutating func note(_ type: String, _ event: JSONValue) -> [Action] {
        if event.isOfNoConversation { return noteApart(type, event) }
        switch type {
        case "response.created":
            event["response"]?["id"]?.stringValue.map { begin($0) }
            return []
        case "response.output_item.done":
            guard let item = event["item"] else { return [] }
            let response = event["response_id"]?.stringValue ?? ""
            return apart.contains(response) ? [] : take(item, of: response)
        case "response.done":
            guard let response = event["response"], let id = response["id"]?.stringValue else {
                return []
            }
            let calls = (response["output"]?.arrayValue ?? []).flatMap { take($0, of: id) }
            return calls + end(id)
        default: return []
        }
    }

    private mutating func noteApart(_ type: String, _ event: JSONValue) -> [Action] {
        guard let id = event["response"]?["id"]?.stringValue else { return [] }
        if type == "response.created" { apart.insert(id) } else { apart.remove(id) }
        return []
    }

    /// The answer to a call is there.
    mutating func answered(_ call: ToolCall, with output: String) -> [Action] {
        guard let response = responses.removeValue(forKey: call.id) else { return [] }
        rounds[response]?.open.remove(call.id)
        rounds[response]?.answers += 1
        let answer = Action.answer(
            callID: call.id,
            itemID: Self.answerID(of: call.id),
            output: output
        )
        return [answer] + goOn(after: response)
    }

    /// The upstream session has ended: open calls are answered in the next one.
    mutating func upstreamEnded() {
        activeResponses = []
        apart = []
        for id in rounds.keys { rounds[id]?.isDone = true }
    }

    /// The response that was asked for was refused, because another one is in progress.
    mutating func requestWasRefused() {
        wantsResponse = true
    }

    /// A finished call that was heard of only afterwards; it is answered if it was not.
    mutating func recover(_ item: JSONValue) -> [Action] {
        guard let id = item["call_id"]?.stringValue,
            tools.contains(item["name"]?.stringValue ?? ""),
            item["status"] == nil || item["status"] == "completed"
        else { return [] }
        let round = "call \(id)"
        let actions = take(item, of: round)
        rounds[round]?.isDone = true
        return actions
    }

    /// The id of the item that answers a call; upstream takes ids of at most 32 characters.
    static func answerID(of callID: String) -> String {
        String("out_\(callID)".prefix(32))
    }

    private mutating func begin(_ response: String) {
        activeResponses.insert(response)
        wantsResponse = false
        for id in rounds.keys where id != response { rounds[id]?.isPassed = true }
    }

    private mutating func take(_ item: JSONValue, of response: String) -> [Action] {
        guard item["type"]?.stringValue == "function_call", let id = item["call_id"]?.stringValue,
            let name = item["name"]?.stringValue
        else { return [] }
        guard tools.contains(name) else {
            rounds[response, default: Round()].hasClientCalls = true
            return []
        }
        guard item["status"]?.stringValue != "incomplete", !taken.contains(id) else { return [] }
        taken.append(id)
        if taken.count > Self.maximumTaken { taken.removeFirst() }
        rounds[response, default: Round()].open.insert(id)
        responses[id] = response
        return [
            .run(ToolCall(id: id, name: name, arguments: item["arguments"]?.stringValue ?? ""))
        ]
    }

    private mutating func end(_ response: String) -> [Action] {
        activeResponses.remove(response)
        rounds[response]?.isDone = true
        let asked = goOn(after: response)
        guard asked.isEmpty, wantsResponse, activeResponses.isEmpty else { return asked }
        wantsResponse = false
        return [.requestResponse]
    }

    /// Asks for the next response, or remembers to, once a response is done and answered.
    private mutating func goOn(after response: String) -> [Action] {
        guard let round = rounds[response], round.isDone, round.open.isEmpty else { return [] }
        rounds[response] = nil
        // The client goes on by itself with what it answered; unless it did so before our answer.
        if round.hasClientCalls && !round.isPassed { return [] }
        guard round.answers > 0 else { return [] }
        guard activeResponses.isEmpty else {
            wantsResponse = true
            return []
        }
        return [.requestResponse]
    }
}
