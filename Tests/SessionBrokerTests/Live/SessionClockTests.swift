import Testing

@testable import SessionBroker

@Suite struct SessionClockTests {
    @Test func `without limits nothing is ever due`() {
        var clock = SessionClock(.init())
        #expect(clock.nextAt == nil)
        #expect(clock.events(at: .seconds(1_000_000)).isEmpty)
    }

    @Test func `the longest duration is announced, and then ends the session`() {
        var clock = SessionClock(.init(maximumDuration: .seconds(3_600)))
        #expect(clock.nextAt == .seconds(3_540))
        #expect(clock.events(at: .seconds(3_539)).isEmpty)
        #expect(clock.events(at: .seconds(3_540)) == [.expiring(in: .seconds(60))])
        #expect(clock.nextAt == .seconds(3_600))
        #expect(clock.events(at: .seconds(3_600)) == [.end("max_duration")])
        #expect(clock.nextAt == nil)
    }

    @Test func `a short session is announced late`() {
        let clock = SessionClock(.init(maximumDuration: .seconds(10)))
        #expect(clock.nextAt == .seconds(9))
    }

    @Test func `whoever says nothing for too long is let go`() {
        var clock = SessionClock(.init(idleTime: .seconds(10)))
        #expect(clock.nextAt == .seconds(10))
        clock.noteActivity(at: .seconds(7))
        #expect(clock.events(at: .seconds(10)).isEmpty)
        #expect(clock.nextAt == .seconds(17))
        #expect(clock.events(at: .seconds(17)) == [.end("idle_timeout")])
    }

    @Test func `the next upstream session is opened two minutes early, and takes over in the end`()
    {
        var clock = SessionClock(.init())
        clock.upstreamExpires(in: .seconds(3_600), at: .seconds(5))
        #expect(clock.nextAt == .seconds(3_485))
        #expect(clock.events(at: .seconds(3_485)) == [.renew])
        #expect(clock.nextAt == .seconds(3_590))
        #expect(clock.events(at: .seconds(3_600)) == [.takeOver])
    }

    @Test func `a short upstream session is renewed in the last fifth`() {
        var clock = SessionClock(.init())
        clock.upstreamExpires(in: .seconds(10), at: .zero)
        #expect(clock.nextAt == .seconds(8))
    }

    @Test func `a new expiry takes the place of the old`() {
        var clock = SessionClock(.init())
        clock.upstreamExpires(in: .seconds(3_600), at: .zero)
        clock.upstreamExpires(in: .seconds(3_600), at: .seconds(1_000))
        #expect(clock.nextAt == .seconds(4_480))
        clock.forgetRenewal()
        #expect(clock.nextAt == nil)
    }

    @Test func `a mint's expiry of zero is none`() {
        var clock = SessionClock(.init())
        clock.upstreamExpires(in: .seconds(-1_800_000_000), at: .zero)
        #expect(clock.nextAt == nil)
    }
}
