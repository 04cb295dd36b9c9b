import Testing

@testable import SessionBroker

@Suite struct EventBacklogTests {
    private static func event(_ number: Int) -> [UInt8] {
        Array(#"{"type":"x","event_id":"e\#(number)","pad":"0123456789"}"#.utf8)
    }

    private static func make(_ numbers: ClosedRange<Int>, limitBytes: Int = 10_000) -> EventBacklog
    {
        var backlog = EventBacklog(limitBytes: limitBytes)
        for number in numbers { backlog.append(event(number)) }
        return backlog
    }

    @Test func `what came behind the last event is replayed`() {
        let replay = Self.make(1...5).replay(after: "e3")
        #expect(replay == .init(events: [Self.event(4), Self.event(5)], isComplete: true))
    }

    @Test func `a client that got everything gets nothing`() {
        #expect(Self.make(1...5).replay(after: "e5") == .init(events: [], isComplete: true))
    }

    @Test func `a client that got nothing gets all`() {
        let replay = Self.make(1...3).replay(after: nil)
        #expect(replay.events.count == 3)
        #expect(replay.isComplete)
    }

    @Test func `an unknown last event brings all there is, and says that more may be missing`() {
        let replay = Self.make(1...3).replay(after: "e9")
        #expect(replay.events.count == 3)
        #expect(!replay.isComplete)
    }

    @Test func `beyond the limit the oldest events go, and that is said`() {
        let size = Self.event(100).count
        let backlog = Self.make(100...399, limitBytes: 10 * size)
        #expect(backlog.replay(after: "e396").events == (397...399).map(Self.event))
        #expect(backlog.replay(after: "e396").isComplete)
        #expect(backlog.replay(after: nil).events.count == 10)
        #expect(!backlog.replay(after: nil).isComplete)
        #expect(!backlog.replay(after: "e100").isComplete)
    }

    @Test func `a welcome stands where its client went on`() {
        var backlog = Self.make(1...5)
        backlog.welcomed(by: "w1", after: "e3")
        backlog.welcomed(by: "w2", after: "w1")
        #expect(backlog.replay(after: "w2").events == [Self.event(4), Self.event(5)])
        backlog.welcomed(by: "w3", after: nil)
        #expect(backlog.replay(after: "w3").events.count == 5)
    }

    @Test func `a client that guesses the names of welcomes to come finds nothing behind them`() {
        var backlog = Self.make(1...3)
        for (welcome, last) in [("w1", "w2"), ("w2", "w1"), ("w3", "w3")] {
            backlog.welcomed(by: welcome, after: last)
        }
        for welcome in ["w1", "w2", "w3"] {
            #expect(!backlog.replay(after: welcome).isComplete)
        }
    }

    @Test func `what was forgotten is missing`() {
        var backlog = Self.make(1...3)
        backlog.forget()
        #expect(backlog.replay(after: nil) == .init(events: [], isComplete: false))
    }
}
