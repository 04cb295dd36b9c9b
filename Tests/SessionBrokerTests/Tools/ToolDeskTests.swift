import JSON
import Testing

@testable import SessionBroker

@Suite struct ToolDeskTests {
    private static func created(_ id: String) -> JSONValue { ["response": ["id": .string(id)]] }

    private static func item(
        _ call: String,
        _ name: String = "recall",
        status: String = "completed"
    )
        -> JSONValue
    {
        [
            "id": .string("item_\(call)"), "type": "function_call", "call_id": .string(call),
            "name": .string(name), "arguments": "{}", "status": .string(status),
        ]
    }

    private static func call(_ id: String) -> ToolCall {
        ToolCall(id: id, name: "recall", arguments: "{}")
    }

    /// A desk with its events by their short names.
    private struct Bench {
        var desk = ToolDesk(tools: ["recall"])

        mutating func begin(_ id: String) -> [ToolDesk.Action] {
            desk.note("response.created", created(id))
        }

        mutating func itemDone(_ item: JSONValue, of id: String) -> [ToolDesk.Action] {
            desk.note("response.output_item.done", ["response_id": .string(id), "item": item])
        }

        mutating func end(_ id: String, _ output: [JSONValue] = []) -> [ToolDesk.Action] {
            desk.note("response.done", ["response": ["id": .string(id), "output": .array(output)]])
        }

        mutating func answer(_ id: String) -> [ToolDesk.Action] {
            desk.answered(call(id), with: "out")
        }
    }

    private static func answered(_ id: String) -> ToolDesk.Action {
        .answer(callID: id, itemID: "out_\(id)", output: "out")
    }

    @Test func `a call is run once, however often it is told`() {
        var bench = Bench()
        #expect(bench.begin("r").isEmpty)
        #expect(bench.itemDone(Self.item("1"), of: "r") == [.run(Self.call("1"))])
        #expect(bench.itemDone(Self.item("1"), of: "r").isEmpty)
        #expect(bench.end("r", [Self.item("1")]).isEmpty)
        #expect(!bench.desk.isIdle)
    }

    @Test func `what an out-of-band response calls is not in the conversation`() {
        var bench = Bench()
        let apart: JSONValue = ["response": ["id": "r", "conversation_id": .null]]
        #expect(bench.desk.note("response.created", apart).isEmpty)
        #expect(bench.itemDone(Self.item("1"), of: "r").isEmpty)
        #expect(bench.desk.note("response.done", apart).isEmpty)
        #expect(bench.desk.isIdle)
    }

    @Test func `the model goes on when the response is done and answered`() {
        var bench = Bench()
        _ = bench.begin("r")
        _ = bench.itemDone(Self.item("1"), of: "r")
        #expect(bench.end("r").isEmpty)
        #expect(bench.answer("1") == [Self.answered("1"), .requestResponse])
        #expect(bench.desk.isIdle)
    }

    @Test func `an answer that is there before the response is done waits with going on`() {
        var bench = Bench()
        _ = bench.begin("r")
        _ = bench.itemDone(Self.item("1"), of: "r")
        #expect(bench.answer("1") == [Self.answered("1")])
        #expect(bench.end("r") == [.requestResponse])
    }

    @Test func `several calls of a response go on together`() {
        var bench = Bench()
        _ = bench.begin("r")
        _ = bench.itemDone(Self.item("1"), of: "r")
        _ = bench.itemDone(Self.item("2"), of: "r")
        _ = bench.end("r")
        #expect(bench.answer("2") == [Self.answered("2")])
        #expect(bench.answer("1") == [Self.answered("1"), .requestResponse])
    }

    @Test func `a call is answered once`() {
        var bench = Bench()
        _ = bench.begin("r")
        _ = bench.itemDone(Self.item("1"), of: "r")
        _ = bench.answer("1")
        #expect(bench.answer("1").isEmpty)
    }

    @Test func `a call that only the end of the response tells is run`() {
        var bench = Bench()
        _ = bench.begin("r")
        #expect(bench.end("r", [Self.item("1")]) == [.run(Self.call("1"))])
        #expect(bench.answer("1") == [Self.answered("1"), .requestResponse])
    }

    @Test func `a call that was cut is not run`() {
        var bench = Bench()
        _ = bench.begin("r")
        #expect(bench.itemDone(Self.item("1", status: "incomplete"), of: "r").isEmpty)
        #expect(bench.end("r").isEmpty)
    }

    @Test func `a response without calls asks for nothing`() {
        var bench = Bench()
        _ = bench.begin("r")
        #expect(bench.end("r").isEmpty)
        #expect(bench.desk.isIdle)
    }

    @Test func `calls of the client are left to it, and so is going on`() {
        var bench = Bench()
        _ = bench.begin("r")
        #expect(bench.itemDone(Self.item("1", "own"), of: "r").isEmpty)
        #expect(bench.itemDone(Self.item("2"), of: "r") == [.run(Self.call("2"))])
        #expect(bench.end("r").isEmpty)
        #expect(bench.answer("2") == [Self.answered("2")])
    }

    @Test func `an answer that comes after the client went on is still told`() {
        var bench = Bench()
        _ = bench.begin("r")
        _ = bench.itemDone(Self.item("1", "own"), of: "r")
        _ = bench.itemDone(Self.item("2"), of: "r")
        _ = bench.end("r")
        _ = bench.begin("s")
        #expect(bench.answer("2") == [Self.answered("2")])
        #expect(bench.end("s") == [.requestResponse])
    }

    @Test func `no response is asked for while one is in progress`() {
        var bench = Bench()
        _ = bench.begin("r")
        _ = bench.itemDone(Self.item("1"), of: "r")
        _ = bench.end("r")
        _ = bench.begin("s")
        #expect(bench.answer("1") == [Self.answered("1")])
        #expect(bench.end("s") == [.requestResponse])
    }

    @Test func `a response that begins after the answer needs no other`() {
        var bench = Bench()
        _ = bench.begin("r")
        _ = bench.itemDone(Self.item("1"), of: "r")
        _ = bench.end("r")
        _ = bench.begin("s")
        _ = bench.answer("1")
        _ = bench.begin("t")
        #expect(bench.end("s").isEmpty)
        #expect(bench.end("t").isEmpty)
    }

    @Test func `a request that was refused is made again behind the response in progress`() {
        var bench = Bench()
        _ = bench.begin("r")
        bench.desk.requestWasRefused()
        #expect(bench.end("r") == [.requestResponse])
    }

    @Test func `a request that is refused for a response that nobody told of is made behind it`() {
        var bench = Bench()
        bench.desk.requestWasRefused()
        #expect(bench.end("unheard") == [.requestResponse])
    }

    @Test func `a call that is heard of afterwards is answered, once`() {
        var bench = Bench()
        #expect(bench.desk.recover(Self.item("1")) == [.run(Self.call("1"))])
        #expect(bench.desk.recover(Self.item("1")).isEmpty)
        #expect(bench.answer("1") == [Self.answered("1"), .requestResponse])
        #expect(bench.desk.recover(Self.item("2", status: "in_progress")).isEmpty)
        #expect(bench.desk.recover(Self.item("3", "of_the_client")).isEmpty)
        #expect(bench.desk.isIdle)
    }

    @Test func `calls outlive the upstream session`() {
        var bench = Bench()
        _ = bench.begin("r")
        _ = bench.itemDone(Self.item("1"), of: "r")
        bench.desk.upstreamEnded()
        #expect(bench.answer("1") == [Self.answered("1"), .requestResponse])
    }

    @Test func `the id of an answer is one that upstream takes`() {
        #expect(ToolDesk.answerID(of: "call_0123456789abcdef").utf8.count == 25)
        #expect(ToolDesk.answerID(of: String(repeating: "x", count: 99)).utf8.count == 32)
    }
}
