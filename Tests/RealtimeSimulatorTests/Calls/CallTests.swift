import JSON
import Testing
import WebServer

@testable import RealtimeSimulator

/// Who attends a call, and when it is over; without sockets.
@Suite(.timeLimit(.minutes(1)))
struct CallTests {
    private static let limit = Duration.milliseconds(20)

    /// Runs a call on a loop until it is over.
    ///
    /// - Parameter body: What happens on the loop's thread, with a way to note what was seen there.
    /// - Returns: The notes.
    private static func untilOver(
        _ body: @escaping @Sendable (Call, @escaping @Sendable (String?) -> Void) -> Void
    ) async -> [String?] {
        let loop = EventLoop(name: "call")
        let (notes, record) = AsyncStream<String?>.makeStream()
        let call = Call(id: "rtc_u0_1", on: loop, unattendedLimit: limit) { _ in record.finish() }
        let environment = RealtimeSession.Environment(pace: 0, callID: "rtc_u0_1")
        loop.execute {
            let session = RealtimeSession(
                SessionConfiguration(),
                environment: environment,
                identifiers: Identifiers(seed: 1)
            )
            call.begin(session, SpeechMaker(usesEspeak: false))
            body(call) { record.yield($0) }
        }
        var seen: [String?] = []
        for await note in notes { seen.append(note) }
        await loop.shutDown(limit: .seconds(1))
        return seen
    }

    @Test func `a call that nobody attends is over after a while`() async {
        #expect(await Self.untilOver { _, _ in } == [])
    }

    @Test(arguments: [CallSocket.Role.sideband, .front])
    func `a call that somebody attends goes on, until they leave`(role: CallSocket.Role) async {
        let seen = await Self.untilOver { call, note in
            let socket = CallSocket(role, of: call)
            note(call.attach(socket)?.error.code)
            call.loop.schedule(after: Self.limit * 3) {
                // It can take another, so that it is not over.
                let other = CallSocket(.sideband, of: call)
                note(call.attach(other)?.error.code)
                call.detach(other)
                call.detach(socket)
            }
        }
        #expect(seen == [nil, nil])
    }

    @Test func `a call has one front and a bounded number of sidebands`() async {
        let seen = await Self.untilOver { call, note in
            for _ in 0..<2 { note(call.attach(CallSocket(.front, of: call))?.error.code) }
            for _ in 0..<17 { note(call.attach(CallSocket(.sideband, of: call))?.error.code) }
            call.end()
        }
        let sidebands = [String?](repeating: nil, count: 16)
        #expect(seen == [nil, "call_has_media"] + sidebands + ["too_many_sidebands"])
    }

    @Test func `a call that is over takes nobody in`() async {
        let loop = EventLoop(name: "call")
        let refusal = await withCheckedContinuation { continuation in
            loop.execute {
                let call = Call(id: "rtc_u0_1", on: loop, unattendedLimit: Self.limit) { _ in }
                continuation.resume(returning: call.attach(CallSocket(.sideband, of: call)))
            }
        }
        #expect(refusal?.error.code == "call_id_not_found")
        await loop.shutDown(limit: .seconds(1))
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
