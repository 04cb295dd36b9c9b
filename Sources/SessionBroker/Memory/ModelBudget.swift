internal import ContextStore
internal import TextAnalysis

/// How much a language model may be used: requests in any minute, and tokens in a UTC day.
///
/// Pure: whoever asks says what time it is. A request reserves what it may cost at most and settles
/// when its cost is known, so that requests that run at once cannot exceed the day's budget
/// together. A new process begins with a full budget.
struct ModelBudget: Sendable {
    /// The answer to a request for tokens.
    enum Decision: Sendable, Equatable {
        /// It may be sent, and must be settled.
        case granted(Reservation)
        /// The minute is used up; ask again after that time.
        case wait(Duration)
        /// The day is used up; the next one begins after that time.
        case exhausted(Duration)
    }

    /// Tokens that a request may use.
    struct Reservation: Sendable, Equatable {
        let tokens: Int
        fileprivate let day: CalendarDay
    }

    private static let minute: Duration = .seconds(60)
    private static let dayMilliseconds: Int64 = 86_400_000

    private let requestsPerMinute: Int
    private let tokensPerDay: Int
    private var day = CalendarDay(number: 0)
    private var spentTokens = 0
    /// When the requests of the last minute began: as many as are allowed, at most.
    private var beginnings: [Timestamp] = []

    /// A full budget.
    init(requestsPerMinute: Int, tokensPerDay: Int) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerDay = tokensPerDay
    }

    /// Asks for one request of so many tokens.
    mutating func reserve(_ tokens: Int, at now: Timestamp) -> Decision {
        begin(at: now)
        guard tokens <= tokensPerDay - spentTokens else {
            let end = Int64(day.number + 1) * Self.dayMilliseconds
            return .exhausted(.milliseconds(end - now.milliseconds))
        }
        guard beginnings.count < requestsPerMinute else {
            let end = (beginnings.first ?? now).adding(Self.minute)
            return .wait(.milliseconds(end.milliseconds - now.milliseconds))
        }
        beginnings.append(now)
        spentTokens += tokens
        return .granted(Reservation(tokens: tokens, day: day))
    }

    /// Puts what a request really cost in place of what it reserved.
    ///
    /// What it cost after the end of its day is not taken from the next day.
    mutating func settle(_ reservation: Reservation, used tokens: Int) {
        guard reservation.day == day else { return }
        spentTokens += tokens - reservation.tokens
    }

    /// Forgets what lies behind; a clock that was set back makes no day come twice.
    private mutating func begin(at now: Timestamp) {
        let today = CalendarDay(millisecondsSince1970: now.milliseconds)
        if today > day {
            day = today
            spentTokens = 0
        }
        beginnings.removeAll { $0 > now || $0.adding(Self.minute) <= now }
    }
}
