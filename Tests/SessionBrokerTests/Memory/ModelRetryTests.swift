import ContextStore
import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite struct ModelRetryTests {
    private let retry = ModelRetry(attemptLimit: 4)

    @Test(arguments: [
        (1, 0.0, Duration.seconds(1)), (2, 0.0, .seconds(4)), (3, 0.0, .seconds(16)),
        (1, 0.5, .seconds(1.5)), (3, 0.5, .seconds(24)),
    ])
    func `pauses grow fourfold, half of each left to chance`(
        _ attempt: Int,
        _ random: Double,
        _ pause: Duration
    ) {
        let failure = ModelFailure.passing(reason: "x", retryAfter: nil)
        let step = retry.step(after: failure, attempt: attempt, random: random)
        #expect(step == .retry(after: pause))
    }

    @Test func `an outage gives nothing up`() {
        let failure = ModelFailure.passing(reason: "503 x", retryAfter: .seconds(1))
        let step = retry.step(after: failure, attempt: 4, random: 0)
        #expect(step == .stop(.failed(reason: "503 x", after: .seconds(300))))
    }

    @Test func `answers that are of no use are asked for again, then given up`() {
        let failure = ModelFailure.useless(reason: "malformed")
        let first = retry.step(after: failure, attempt: 1, random: 0)
        #expect(first == .retry(after: .seconds(1)))
        let last = retry.step(after: failure, attempt: 4, random: 0)
        #expect(last == .stop(.gaveUp(reason: "malformed")))
    }

    @Test func `upstream is never asked earlier than it wants`() {
        let soon = ModelFailure.passing(reason: "x", retryAfter: .seconds(30))
        #expect(retry.step(after: soon, attempt: 1, random: 0) == .retry(after: .seconds(30)))
        #expect(retry.step(after: soon, attempt: 1, random: 0.5) == .retry(after: .seconds(30.5)))
        let far = ModelFailure.passing(reason: "x", retryAfter: .seconds(600))
        #expect(
            retry.step(after: far, attempt: 1, random: 0) == .stop(.later(after: .seconds(600)))
        )
    }

    @Test func `what would happen again is not tried again`() {
        let lasting = ModelFailure.lasting(reason: "no")
        #expect(
            retry.step(after: lasting, attempt: 1, random: 0) == .stop(.gaveUp(reason: "no"))
        )
        let setup = ModelFailure.setup(reason: "key")
        #expect(
            retry.step(after: setup, attempt: 1, random: 0)
                == .stop(.later(after: .seconds(3_600)))
        )
    }

    @Test func `errors of upstream's pass, last, or lie in the setup`() {
        func kind(_ status: Int, _ code: String, upstream: Int64?, param: String? = nil) -> String {
            let error = HTTPError(
                status: status,
                code: code,
                message: "",
                param: param,
                upstream: upstream.map { ["status": .integer($0)] }
            )
            return switch ModelFailure(error) {
            case .passing: "passing"
            case .useless: "useless"
            case .lasting: "lasting"
            case .setup: "setup"
            }
        }
        #expect(kind(429, "rate_limit_exceeded", upstream: 429) == "passing")
        #expect(kind(502, "upstream_failed", upstream: 500) == "passing")
        #expect(kind(504, "upstream_timeout", upstream: nil) == "passing")
        #expect(kind(400, "invalid_value", upstream: 400) == "lasting")
        #expect(kind(429, "insufficient_quota", upstream: 429) == "setup")
        #expect(kind(502, "upstream_rejected_key", upstream: 401) == "setup")
        #expect(kind(502, "upstream_failed", upstream: 404) == "setup")
        #expect(kind(400, "model_not_found", upstream: 404) == "setup")
        #expect(kind(400, "invalid_value", upstream: 400, param: "model") == "setup")
    }
}
