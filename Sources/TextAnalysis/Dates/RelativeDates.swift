/// Works out what English words such as "last week" mean on the day on which they are said.
///
/// Only what is certain enough is worked out: "today" and "this month" say no more than the day
/// itself, and "recently" says nothing.
struct RelativeDates {
    private let today: CalendarDay
    private let text: DateText

    init(saidOn day: CalendarDay) {
        today = day
        text = DateText(today: day)
    }

    /// The words with a date beside each that is relative: "yesterday (6 May)".
    ///
    /// - Parameters:
    ///   - tokens: A sentence.
    ///   - isPast: Whether it tells of the past; "on Friday" may mean either.
    /// - Returns: The sentence with dates put in.
    func explained(_ tokens: [Token], isPast: Bool) -> [Token] {
        var explained: [Token] = []
        var index = 0
        while index < tokens.count {
            let isCompared = isCompared(tokens[..<index])
            guard !isCompared, let (length, meaning) = match(tokens[index...], isPast: isPast)
            else {
                explained.append(tokens[index])
                index += 1
                continue
            }
            explained += tokens[index..<index + length]
            var date = Token(date: meaning)
            if let mark = explained.last?.punctuation {
                explained[explained.count - 1].text.removeLast()
                date.text.append(mark)
            }
            explained.append(date)
            index += length
        }
        return explained
    }

    private func isCompared(_ before: ArraySlice<Token>) -> Bool {
        let last = before.last { $0.core != "just" && $0.core != "only" }
        return last.map { Self.comparisons.contains($0.core) } ?? false
    }

    private typealias Match = (length: Int, meaning: String)

    private func match(_ words: ArraySlice<Token>, isPast: Bool) -> Match? {
        nearDay(words) ?? ago(words) ?? ahead(words) ?? named(words, isPast: isPast)
    }

    private func nearDay(_ words: ArraySlice<Token>) -> Match? {
        let cores = words.prefix(4).map(\.owner)
        func date(_ days: Int, _ length: Int) -> Match {
            (length, text.day(today.adding(days: days)))
        }
        if cores.starts(with: ["the", "day", "before", "yesterday"]) { return date(-2, 4) }
        if cores.starts(with: ["the", "day", "after", "tomorrow"]) { return date(2, 4) }
        if cores.starts(with: ["day", "before", "yesterday"]) { return date(-2, 3) }
        if cores.starts(with: ["day", "after", "tomorrow"]) { return date(2, 3) }
        if cores.starts(with: ["last", "night"]) { return date(-1, 2) }
        return switch cores.first {
        case "yesterday": date(-1, 1)
        case "tomorrow": date(1, 1)
        default: nil
        }
    }

    /// "Three weeks ago", "a couple of years back".
    private func ago(_ words: ArraySlice<Token>) -> Match? {
        guard let (number, length, isRough) = Quantity.read(words), words.count > length + 1,
            let unit = Unit(words[words.startIndex + length].core),
            ["ago", "back", "earlier"].contains(words[words.startIndex + length + 1].core)
        else { return nil }
        return meaning(of: unit, moved: -number, isRough: isRough).map { (length + 2, $0) }
    }

    /// "In three weeks", "two years from now".
    private func ahead(_ words: ArraySlice<Token>) -> Match? {
        let hasIn = words.first?.core == "in"
        guard let (number, length, isRough) = Quantity.read(hasIn ? words.dropFirst() : words)
        else {
            return nil
        }
        let rest = words.dropFirst(length + (hasIn ? 1 : 0))
        guard let unit = rest.first.flatMap({ Unit($0.owner) }) else { return nil }
        let follows = rest.dropFirst().prefix(2).map(\.core)
        let isFromNow = follows == ["from", "now"]
        // "In two weeks of training" and "in two days' time" take another form: only the end of
        // a part of the sentence is certain.
        guard isFromNow || hasIn && (rest.first?.endsPart == true || rest.count == 1) else {
            return nil
        }
        let taken = length + (hasIn ? 1 : 0) + 1 + (isFromNow ? 2 : 0)
        return meaning(of: unit, moved: number, isRough: isRough).map { (taken, $0) }
    }

    private func meaning(of unit: Unit, moved number: Int, isRough: Bool) -> String? {
        meaning(of: unit, moved: number).map { isRough ? "about \($0)" : $0 }
    }

    private func meaning(of unit: Unit, moved number: Int) -> String? {
        guard abs(number) <= 1_200 else { return nil }
        switch unit {
        case .day: return text.day(today.adding(days: number))
        case .week: return week(number)
        case .weekend: return weekend(number)
        case .month: return text.month(today.adding(months: number))
        case .year: return "\(today.date.year + number)"
        }
    }

    private func week(_ number: Int) -> String {
        let monday = today.adding(days: 1 - today.weekday + 7 * number)
        return text.days(monday, monday.adding(days: 6))
    }

    /// The weekend of the week so many weeks away.
    private func weekend(_ number: Int) -> String {
        let saturday = today.adding(days: 6 - today.weekday + 7 * number)
        return text.days(saturday, saturday.adding(days: 1))
    }

    /// "Last week", "next Friday", "in March", "this summer".
    private func named(_ words: ArraySlice<Token>, isPast: Bool) -> Match? {
        guard let (relation, length) = Relation.read(words, isPast: isPast),
            let word = words.dropFirst(length).first
        else { return nil }
        let rest = words.dropFirst(length + 1)
        if let meaning = meaning(of: word.owner, relation, isPast: isPast, before: rest) {
            return (length + 1, meaning)
        }
        return nil
    }

    private func meaning(
        of word: String,
        _ relation: Relation,
        isPast: Bool,
        before rest: ArraySlice<Token>
    ) -> String? {
        let isNamed = relation != .plain
        if isNamed, let unit = Unit(word), unit != .day, word == unit.rawValue {
            return span(unit, relation, isPast: isPast)
        }
        let isLast = relation == .last || relation != .next && isPast
        if let weekday = Self.weekdays.firstIndex(of: word) {
            let days = (weekday + 1 - today.weekday + 7) % 7
            if days == 0 && !isNamed { return nil }
            return text.day(
                today.adding(days: isLast ? days - 7 : days == 0 ? 7 : days)
            )
        }
        if Self.seasons.contains(word), relation == .last || relation == .next {
            return season(word, isLast: isLast)
        }
        return month(word, relation, isLast: isLast, before: rest)
    }

    private func span(_ unit: Unit, _ relation: Relation, isPast: Bool) -> String? {
        switch relation {
        case .last: meaning(of: unit, moved: -1)
        case .next where unit == .weekend: weekend(today.weekday >= 6 ? 1 : 0)
        case .next: meaning(of: unit, moved: 1)
        case .this where unit == .weekend: weekend(isPast && today.weekday < 6 ? -1 : 0)
        case .this, .plain: nil
        }
    }

    private func season(_ word: String, isLast: Bool) -> String {
        // Where a season has come this year, the last one is this year's; a winter is named by the
        // year in which it begins.
        let (year, month, _) = today.date
        let firstMonth =
            [
                "spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12,
            ][word] ?? 1
        if isLast { return "\(word) \(month >= firstMonth + 3 ? year : year - 1)" }
        return "\(word) \(month < firstMonth ? year : year + 1)"
    }

    private func month(
        _ word: String,
        _ relation: Relation,
        isLast: Bool,
        before rest: ArraySlice<Token>
    ) -> String? {
        guard let number = Self.monthNumber(word) else { return nil }
        // "In March 2021" and "next May 5" are dates of their own.
        if let next = rest.first, next.core.contains(where: \.isNumber) { return nil }
        let (year, month, _) = today.date
        if relation == .this || relation != .last && number == month { return nil }
        let thatYear =
            isLast
            ? (number < month || number == month && relation != .last ? year : year - 1)
            : (number > month ? year : year + 1)
        let name = DateText.months[number - 1]
        return thatYear == year && relation == .plain ? nil : "\(name) \(thatYear)"
    }

    private static func monthNumber(_ word: String) -> Int? {
        DateText.months.firstIndex { $0.lowercased() == word }.map { $0 + 1 }
    }

    /// "It feels like yesterday" means no day.
    private static let comparisons = Set(words: "like than")
    private static let weekdays = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]
    private static let seasons = Set(words: "spring summer autumn fall winter")
}
