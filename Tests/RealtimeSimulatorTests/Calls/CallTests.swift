import JSON
import Testing
import WebServer

@testable import RealtimeSimulator

/// Who attends a call, and when it is over; without sockets.
@Suite(.timeLimit(.minutes(1)))
struct CallTests {
    private static let limit = Duration.milliseconds(20)

    /// Runs a call on a loop until it is over.
    private static func untilOver(_ body: @escaping @Sendable (Call) -> Void) async {
        let loop = EventLoop(name: "call")
        let (ends, over) = AsyncStream<Void>.makeStream()
        let call = Call(id: "rtc_u0_1", on: loop, unattendedLimit: limit) { _ in over.yield() }
        let environment = RealtimeSession.Environment(pace: 0, callID: "rtc_u0_1")
        loop.execute {
            let session = RealtimeSession(
                SessionConfiguration(),
                environment: environment,
                identifiers: Identifiers(seed: 1)
            )
            call.begin(session, SpeechMaker(usesEspeak: false))
            body(call)
        }
        for await _ in ends { break }
        await loop.shutDown(limit: .seconds(1))
    }

    @Test func `a call that nobody attends is over after a while`() async {
        await Self.untilOver { _ in }
    }

    @Test(arguments: [CallSocket.Role.sideband, .front])
    func `a call that somebody attends goes on, until they leave`(role: CallSocket.Role) async {
        await confirmation { attended in
            await Self.untilOver { call in
                let socket = CallSocket(role, of: call)
                #expect(call.attach(socket) == nil)
                call.loop.schedule(after: Self.limit * 3) {
                    // It can take another, so that it is not over.
                    let other = CallSocket(.sideband, of: call)
                    #expect(call.attach(other) == nil)
                    call.detach(other)
                    attended()
                    call.detach(socket)
                }
            }
        }
    }

    @Test func `a call has one front and a bounded number of sidebands`() async {
        await Self.untilOver { call in
            #expect(call.attach(CallSocket(.front, of: call)) == nil)
            #expect(call.attach(CallSocket(.front, of: call))?.error.code == "call_has_media")
            for _ in 0..<16 { #expect(call.attach(CallSocket(.sideband, of: call)) == nil) }
            let refusal = call.attach(CallSocket(.sideband, of: call))
            #expect(refusal?.error.code == "too_many_sidebands")
            call.end()
            #expect(
                call.attach(CallSocket(.sideband, of: call))?.error.code == "call_id_not_found"
            )
        }
    }

    @Test func `a registry finds calls by their id until they are removed`() async throws {
        let loop = EventLoop(name: "call")
        let registry = CallRegistry()
        for number in 0..<CallRegistry.limit {
            let id = "rtc_\(number)"
            try registry.add(Call(id: id, on: loop, unattendedLimit: .seconds(1)) { _ in })
        }
        let another = Call(id: "rtc_x", on: loop, unattendedLimit: .seconds(1)) { _ in }
        #expect(throws: HTTPError.self) { try registry.add(another) }
        #expect(registry.remove("rtc_0")?.id == "rtc_0")
        #expect(registry.remove("rtc_0") == nil)
        #expect(registry.find("rtc_1") != nil)
        try registry.add(another)
        #expect(registry.find("rtc_x") === another)
        await loop.shutDown(limit: .seconds(1))
    }
}
