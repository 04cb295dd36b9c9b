import Captions
import Testing

@testable import SessionBroker

struct SessionQueueTests {
    private final class Session {
        let name: String
        init(_ name: String) { self.name = name }
    }

    private typealias Queue = SessionQueue<Session, String>

    private func shown(_ outputs: [Queue.Output]) -> [String] {
        outputs.map { output in
            switch output {
            case .said(let event, let session): "\(session.name): \(event)"
            case .ended(let session, let reason): "\(session.name) \(reason?.rawValue ?? "done")"
            }
        }
    }

    @Test func `only the first is heard, and the next when it has ended`() {
        var queue = Queue()
        let (first, second) = (Session("first"), Session("second"))
        queue.append(first)
        #expect(shown(queue.said("one", first)) == ["first: one"])
        queue.append(second)
        #expect(shown(queue.said("three", second)).isEmpty)
        #expect(shown(queue.said("two", first)) == ["first: two"])
        #expect(shown(queue.ended(first, nil)) == ["first done", "second: three"])
        #expect(shown(queue.said("four", second)) == ["second: four"])
        #expect(queue.open.map(\.name) == ["second"])
    }

    @Test func `one that is lost behind another is lost when its turn has come`() {
        var queue = Queue()
        let sessions = ["first", "second", "third"].map(Session.init)
        for session in sessions { queue.append(session) }
        #expect(shown(queue.said("b", sessions[1])).isEmpty)
        #expect(shown(queue.ended(sessions[1], .upstreamLost)).isEmpty)
        #expect(shown(queue.said("c", sessions[2])).isEmpty)
        #expect(queue.open.map(\.name) == ["first", "third"] && !queue.isEmpty)
        #expect(
            shown(queue.ended(sessions[0], nil)) == [
                "first done", "second: b", "second upstream_lost", "third: c",
            ]
        )
    }

    @Test func `where the order does not matter all are heard at once`() {
        var queue = Queue(isOrdered: false)
        let (first, second) = (Session("first"), Session("second"))
        queue.append(first)
        queue.append(second)
        #expect(shown(queue.said("b", second)) == ["second: b"])
        #expect(shown(queue.ended(second, nil)) == ["second done"])
        #expect(shown(queue.said("a", first)) == ["first: a"])
        #expect(shown(queue.said("late", second)).isEmpty)
    }
}
