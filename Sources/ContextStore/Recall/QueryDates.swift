internal import TextAnalysis

/// A date that a query names.
enum DateMention: Equatable {
    /// A day of a year, or of any.
    case day(Int, month: Int, year: Int?)
    /// A month of a year, or of any.
    case month(Int, year: Int?)
    case year(Int)
    /// The days from one to another, both included, as of "last week".
    case span(CalendarDay, CalendarDay)

    /// How well something said on a day fits: people tell what happened for days after it.
    func fit(_ said: CalendarDay) -> Double {
        switch self {
        case .day(let day, let month, let year):
            return years(year, said).compactMap { CalendarDay(year: $0, month: month, day: day) }
                .map { Self.fit(daysLater: said.number - $0.number) }.max() ?? 0
        case .month(let month, let year):
            return years(year, said).map { Self.fit(month, $0, said) }.max() ?? 0
        case .year(let year):
            return said.date.year == year ? 0.15 : 0
        case .span(let first, let last):
            if said >= first && said <= last { return 0.8 }
            return said > last && said.number - last.number <= 3 ? 0.4 : 0
        }
    }

    private func years(_ year: Int?, _ said: CalendarDay) -> [Int] {
        year.map { [$0] } ?? [said.date.year, said.date.year - 1]
    }

    private static func fit(daysLater days: Int) -> Double {
        switch days {
        case 0: 1
        case 1...3: 0.7
        case -1, 4...10: 0.5
        default: 0
        }
    }

    private static func fit(_ month: Int, _ year: Int, _ said: CalendarDay) -> Double {
        let date = said.date
        if date.year == year && date.month == month { return 0.6 }
        guard let first = CalendarDay(year: year, month: month, day: 1) else { return 0 }
        let later = said.number - first.adding(months: 1).number
        return (0..<10).contains(later) ? 0.3 : 0
    }

    /// The tokens of days on which something that fits well may have been said (``MemoryTokens``).
    var tokens: [String] {
        switch self {
        case .day(let day, let month, let year?):
            guard let day = CalendarDay(year: year, month: month, day: day) else { return [] }
            return (-1...10).map { MemoryTokens.exact(day.adding(days: $0)) }
        case .day(_, let month, nil), .month(let month, nil):
            return [MemoryTokens.month(month)]
        case .month(let month, let year?):
            guard let first = CalendarDay(year: year, month: month, day: 1) else { return [] }
            let next = first.adding(months: 1)
            return [MemoryTokens.month(month, of: year)]
                + (0..<10).map { MemoryTokens.exact(next.adding(days: $0)) }
        case .year:
            // A whole year is no place to look at; it only counts for what else is found.
            return []
        case .span(let first, let last):
            return MemoryTokens.days(from: first, to: last.adding(days: 3)) ?? []
        }
    }
}

/// Reads the dates out of a query: "7 May 2023", "May 7th", "in June", "2022", "last week".
struct QueryDates {
    private(set) var mentions: [DateMention] = []
    /// The words that dates are made of, which are not looked for.
    private(set) var words: Set<String> = []

    private let tokens: [(text: String, isCapital: Bool)]
    private let today: CalendarDay

    init(_ text: String, today: CalendarDay) {
        self.today = today
        tokens = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.map {
            ($0.lowercased(), $0.first?.isUppercase == true)
        }
        for index in tokens.indices { readMonth(at: index) }
        if mentions.isEmpty { readRelative() }
        if mentions.isEmpty { readYear() }
    }

    private mutating func readMonth(at index: Int) {
        guard let month = Self.month(tokens[index]), index > 0 || tokens[index].text != "may" else {
            return
        }
        // "the 7th of May", "May 7".
        let before = index >= 2 && tokens[index - 1].text == "of" ? index - 2 : index - 1
        let day = [before, index + 1].first { number(at: $0).map((1...31).contains) == true }
        let year = [index + 1, index + 2].first { number(at: $0).map(Self.years.contains) == true }
        for used in [index, day, year].compactMap(\.self) { words.insert(tokens[used].text) }
        let yearNumber = year.flatMap(number(at:))
        if let dayNumber = day.flatMap(number(at:)) {
            mentions.append(.day(dayNumber, month: month, year: yearNumber))
        } else {
            mentions.append(.month(month, year: yearNumber))
        }
    }

    private mutating func readYear() {
        for index in tokens.indices {
            guard let year = number(at: index), Self.years.contains(year) else { continue }
            // Looked for as a word, too: it may be the number of a room, or what was said itself.
            mentions.append(.year(year))
        }
    }

    private mutating func readRelative() {
        for index in tokens.indices {
            let texts = tokens[index...].prefix(3).map(\.text)
            guard let (span, length) = relative(texts) else { continue }
            mentions.append(.span(span.0, span.1))
            words.formUnion(texts.prefix(length))
        }
    }

    private typealias Span = (CalendarDay, CalendarDay)

    private func relative(_ words: [String]) -> (Span, length: Int)? {
        switch words[0] {
        case "today", "tonight": return ((today, today), 1)
        case "yesterday":
            let day = today.adding(days: -1)
            return ((day, day), 1)
        default: break
        }
        guard words.count > 1 else { return nil }
        if words[0] == "last" || words[0] == "past" || words[0] == "this" {
            return period(words[1], isThis: words[0] == "this").map { ($0, 2) }
        }
        guard words.count > 2, words[2] == "ago",
            let count = Self.numbers[words[0]] ?? Int(words[0]), (1...500).contains(count)
        else { return nil }
        return ago(count, words[1]).map { ($0, 3) }
    }

    private func period(_ unit: String, isThis: Bool) -> Span? {
        let monday = today.adding(days: 1 - today.weekday)
        let first = today.adding(days: 1 - today.date.day)
        switch unit {
        case "night" where !isThis: return (today.adding(days: -1), today.adding(days: -1))
        case "week":
            return isThis ? (monday, today) : (monday.adding(days: -7), monday.adding(days: -1))
        case "weekend":
            return isThis
                ? (monday.adding(days: 5), monday.adding(days: 6))
                : (monday.adding(days: -2), monday.adding(days: -1))
        case "month":
            return isThis ? (first, today) : (first.adding(months: -1), first.adding(days: -1))
        case "year":
            let newYear = first.adding(months: 1 - today.date.month)
            return isThis
                ? (newYear, today) : (newYear.adding(months: -12), newYear.adding(days: -1))
        default:
            guard let weekday = Self.weekdays.firstIndex(of: unit) else { return nil }
            let back = (today.weekday - weekday - 1 + 7) % 7
            let day = today.adding(days: back == 0 && !isThis ? -7 : -back)
            return (day, day)
        }
    }

    private func ago(_ count: Int, _ unit: String) -> Span? {
        switch unit {
        case "day", "days":
            let day = today.adding(days: -count)
            return (day, day)
        case "week", "weeks":
            return (today.adding(days: -7 * count - 3), today.adding(days: -7 * count + 3))
        case "month", "months":
            let day = today.adding(months: -count)
            return (day.adding(days: -15), day.adding(days: 15))
        case "year", "years":
            let day = today.adding(months: -12 * count)
            return (day.adding(days: -60), day.adding(days: 60))
        default: return nil
        }
    }

    private func number(at index: Int) -> Int? {
        guard tokens.indices.contains(index) else { return nil }
        var text = tokens[index].text[...]
        if text.count > 2, ["st", "nd", "rd", "th"].contains(text.suffix(2)) { text.removeLast(2) }
        return Int(text)
    }

    private static func month(_ token: (text: String, isCapital: Bool)) -> Int? {
        // "may" and "march" are other words, too, and short forms other names ("Jan").
        if token.text == "may" && !token.isCapital { return nil }
        return months.firstIndex { $0 == token.text || $0.count > 3 && $0.prefix(3) == token.text }
            .map { $0 + 1 }
    }

    private static let years = 1901...2099
    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december",
    ]
    private static let weekdays = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]
    private static let numbers = [
        "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
        "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    ]
}

extension MemoryTokens {
    /// Tokens that cover the days from one to another: of days, of months, or of years, as suits
    /// the length; nil when even those were too many.
    static func days(from first: CalendarDay, to last: CalendarDay) -> [String]? {
        guard first <= last else { return [] }
        let count = last.number - first.number + 1
        if count <= 40 { return (0..<count).map { exact(first.adding(days: $0)) } }
        let (start, end) = (first.date, last.date)
        let months = (end.year - start.year) * 12 + end.month - start.month + 1
        if months <= 36 {
            return (0..<months).map { offset in
                let index = start.month - 1 + offset
                return month(index % 12 + 1, of: start.year + index / 12)
            }
        }
        return end.year - start.year < 36 ? (start.year...end.year).map(year) : nil
    }
}
