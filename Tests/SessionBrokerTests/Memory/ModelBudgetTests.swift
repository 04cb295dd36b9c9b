import ContextStore
import Testing

@testable import SessionBroker

@Suite struct ModelBudgetTests {
    private static let noon = Timestamp.noon

    @Test func `as many requests begin in any minute as are allowed`() {
        var budget = ModelBudget(requestsPerMinute: 2, tokensPerDay: 1_000)
        #expect(granted(&budget, 1, at: 0) != nil)
        #expect(granted(&budget, 1, at: 20) != nil)
        #expect(budget.reserve(1, at: time(30)) == .wait(.seconds(30)))
        #expect(granted(&budget, 1, at: 60) != nil)
        #expect(budget.reserve(1, at: time(60)) == .wait(.seconds(20)))
    }

    @Test func `a day's tokens are reserved at most and settled as they were used`() throws {
        var budget = ModelBudget(requestsPerMinute: 100, tokensPerDay: 1_000)
        let first = try #require(granted(&budget, 600, at: 0))
        #expect(budget.reserve(600, at: time(0)) == .exhausted(.seconds(43_200)))
        budget.settle(first, used: 300)
        let second = try #require(granted(&budget, 700, at: 0))
        budget.settle(second, used: 900)
        #expect(budget.reserve(1, at: time(60)) == .exhausted(.seconds(43_140)))
    }

    @Test func `the next UTC day has a budget of its own`() throws {
        var budget = ModelBudget(requestsPerMinute: 100, tokensPerDay: 1_000)
        let late = try #require(granted(&budget, 1_000, at: 43_199))
        #expect(budget.reserve(1, at: time(43_199)) == .exhausted(.seconds(1)))
        _ = try #require(granted(&budget, 1_000, at: 43_200))
        // Neither is what is left over of yesterday's given to today.
        budget.settle(late, used: 0)
        #expect(budget.reserve(1, at: time(43_200)) == .exhausted(.seconds(86_400)))
    }

    @Test func `a clock that is set back neither blocks nor brings a new budget`() throws {
        var budget = ModelBudget(requestsPerMinute: 1, tokensPerDay: 10)
        _ = try #require(granted(&budget, 6, at: 0))
        _ = try #require(granted(&budget, 4, at: -100_000))
        #expect(budget.reserve(1, at: time(-100_000)) == .exhausted(.seconds(143_200)))
    }

    private func time(_ seconds: Int64) -> Timestamp {
        Self.noon.adding(.seconds(seconds))
    }

    private func granted(
        _ budget: inout ModelBudget,
        _ tokens: Int,
        at seconds: Int64
    ) -> ModelBudget.Reservation? {
        guard case .granted(let reservation) = budget.reserve(tokens, at: time(seconds)) else {
            return nil
        }
        return reservation
    }
}
