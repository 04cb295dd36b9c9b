internal import TextAnalysis

/// Reads the dates out of a query: "7 May 2023", "May 7th", "2023-05-07", "in June", "2022", "last
/// week".
struct QueryDates {
    private(set) var mentions: [DateMention] = []
    /// The words that dates are made of, which tell nothing else.
    private(set) var words: Set<String> = []
    /// Whether they are seen from today ("last week"): nobody speaks of them by that name.
    private(set) var isRelative = false

    private let tokens: [Token]
    private let today: CalendarDay

    /// A word or number of a query.
    private struct Token {
        let text: String
        let isCapital: Bool
        /// What joins it with the next one, if it is a single sign.
        let joint: Character?
    }

    init(_ text: String, today: CalendarDay) {
        self.today = today
        tokens = text.split { !Self.isPart($0) }.map { word in
            let gap = text[word.endIndex...].prefix { !Self.isPart($0) }
            return Token(
                text: word.lowercased(),
                isCapital: word.first?.isUppercase == true,
                joint: gap.count == 1 ? gap.first : nil
            )
        }
        for index in tokens.indices {
            readDay(at: index)
            readMonth(at: index)
        }
        if mentions.isEmpty { readRelative() }
        if mentions.isEmpty { readYear() }
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }

    /// "2023-05-07", which is how days are written in what a model is told.
    private mutating func readDay(at index: Int) {
        let parts = tokens[index...].prefix(3)
        guard let joint = tokens[index].joint, "-/.".contains(joint), parts.count == 3,
            tokens[index + 1].joint == joint, let year = number(at: index),
            Self.years.contains(year), let month = number(at: index + 1),
            let day = number(at: index + 2),
            CalendarDay(year: year, month: month, day: day) != nil
        else { return }
        mentions.append(.day(day, month: month, year: year))
        words.formUnion(parts.map(\.text))
    }

    private mutating func readMonth(at index: Int) {
        guard let month = month(at: index) else { return }
        // "the 7th of May", "May 7".
        let before = index >= 2 && tokens[index - 1].text == "of" ? index - 2 : index - 1
        let day = [before, index + 1].first { number(at: $0).map((1...31).contains) == true }
        let year = [index + 1, index + 2].first { number(at: $0).map(Self.years.contains) == true }
        let yearNumber = year.flatMap(number(at:))
        if let dayNumber = day.flatMap(number(at:)) {
            mentions.append(.day(dayNumber, month: month, year: yearNumber))
        } else {
            mentions.append(.month(month, year: yearNumber))
        }
        // Alone it is looked for as a word, too: people speak of June long before it is, and some
        // are called April.
        guard day != nil || year != nil || tokens[index].text == Self.verb else { return }
        for used in [index, day, year].compactMap(\.self) { words.insert(tokens[used].text) }
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
            isRelative = true
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

    private func month(at index: Int) -> Int? {
        let token = tokens[index]
        // At the beginning, or without a capital, it is a month if a number follows.
        if token.text == Self.verb, tokens.count > 1, !(token.isCapital && index > 0) {
            guard let next = number(at: index + 1), 1...31 ~= next || Self.years ~= next else {
                return nil
            }
        }
        return Self.months.firstIndex {
            $0 == token.text || $0.count > 3 && $0.prefix(3) == token.text
        }.map { $0 + 1 }
    }

    /// The month that is mostly another word.
    static let verb = "may"
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
