import JSON
import Testing

@testable import SessionBroker

@Suite struct ClientViewTests {
    private static func make(isTrusted: Bool = false, memory: String = "Known: x") -> ClientView {
        ClientView(isTrusted: isTrusted, brokerTools: ["recall"], memory: memory)
    }

    private static func call(_ name: String, id: String, after: String?) -> JSONObject {
        [
            "type": "conversation.item.added", "previous_item_id": .optional(after),
            "item": ["id": .string(id), "type": "function_call", "name": .string(name)],
        ]
    }

    private static func message(_ id: String, after: String?) -> JSONObject {
        [
            "type": "conversation.item.added", "previous_item_id": .optional(after),
            "item": ["id": .string(id), "type": "message"],
        ]
    }

    private static let session: JSONObject = [
        "type": "session.updated",
        "session": [
            "instructions": "Be kind.\n\nKnown: x", "model": "m",
            "tools": [["name": "recall"], ["name": "own"]],
        ],
    ]

    @Test func `a browser sees no instructions and none of the broker's tools`() {
        var view = Self.make()
        let shown = view.shown("session.updated", Self.session)
        #expect(
            shown
                == .changed([
                    "type": "session.updated",
                    "session": ["instructions": "", "model": "m", "tools": [["name": "own"]]],
                ])
        )
    }

    @Test func `a server sees its own instructions`() {
        var view = Self.make(isTrusted: true)
        guard case .changed(let shown) = view.shown("session.updated", Self.session) else {
            Issue.record("the event was not changed")
            return
        }
        #expect(shown["session"]?["instructions"] == "Be kind.")
    }

    @Test func `calls of the broker's tools and their answers are hidden`() {
        var view = Self.make()
        let type = "conversation.item.added"
        #expect(view.shown(type, Self.message("a", after: nil)) == .asItIs)
        #expect(view.shown(type, Self.call("recall", id: "b", after: "a")) == .nothing)
        let delta: JSONObject = ["item_id": "b", "delta": "{"]
        #expect(view.shown("response.function_call_arguments.delta", delta) == .nothing)
        view.hide("c")
        #expect(view.shown(type, Self.message("c", after: "b")) == .nothing)
    }

    @Test func `what stands behind hidden items stands behind the last one that is seen`() {
        var view = Self.make()
        let type = "conversation.item.added"
        _ = view.shown(type, Self.call("recall", id: "b", after: "a"))
        view.hide("c")
        #expect(view.shown(type, Self.message("c", after: "b")) == .nothing)
        #expect(
            view.shown(type, Self.message("d", after: "c"))
                == .changed(Self.message("d", after: "a"))
        )
        #expect(view.shown(type, Self.message("e", after: "d")) == .asItIs)
    }

    @Test func `an item behind a hidden first item is the first`() {
        var view = Self.make()
        let type = "conversation.item.added"
        _ = view.shown(type, Self.call("recall", id: "b", after: nil))
        #expect(
            view.shown(type, Self.message("c", after: "b"))
                == .changed(Self.message("c", after: nil))
        )
    }

    @Test func `a response lists only what the client sees`() {
        var view = Self.make()
        _ = view.shown("response.output_item.added", Self.call("recall", id: "b", after: nil))
        let done: JSONObject = ["response": ["id": "r", "output": [["id": "a"], ["id": "b"]]]]
        #expect(
            view.shown("response.done", done)
                == .changed(["response": ["id": "r", "output": [["id": "a"]]]])
        )
        #expect(view.shown("response.done", ["response": ["id": "s", "output": []]]) == .asItIs)
    }

    @Test func `calls of other tools are the client's`() {
        var view = Self.make()
        #expect(
            view.shown("conversation.item.added", Self.call("own", id: "b", after: "a")) == .asItIs
        )
    }

    @Test func `without tools of the broker's only sessions are looked at`() {
        let view = ClientView(isTrusted: false, brokerTools: [], memory: "")
        #expect(view.concerns("session.updated"))
        #expect(!view.concerns("response.done"))
        #expect(Self.make().concerns("response.done"))
        #expect(!Self.make().concerns("response.output_text.delta"))
    }
}
