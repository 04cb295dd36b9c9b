/// Finds expressions of relative time in English ("yesterday", "two weeks ago", "last Friday") and
/// says which dates they mean.
public struct RelativeDates: Sendable {
    /// The day on which something is said.
    public let day: CalendarDay

    /// Dates as seen from a day.
    public init(saidOn day: CalendarDay) {
        self.day = day
    }

    /// An expression among the words of a text, and its date.
    struct Expression: Equatable {
        /// How many words it has.
        let length: Int
        /// The date that it means, without a year that goes without saying.
        let date: String
    }

    /// The text with the date written behind each expression, as in `yesterday (7 May)`.
    ///
    /// Words are what stands between spaces; the year is left out where it is that of the day.
    public func annotated(_ text: String) -> String {
        let words = text.split(separator: " ")
        let keys = words.map { Token($0).core }
        var parts: [String] = []
        var index = 0
        var hasDate = false
        while index < words.count {
            guard let found = expression(in: keys, at: index) else {
                parts.append(String(words[index]))
                index += 1
                continue
            }
            hasDate = true
            let end = index + found.length
            parts += words[index..<end - 1].map(String.init)
            // The date comes before what ends the sentence.
            let last = words[end - 1]
            let core = last.prefix { $0.isLetter || $0.isNumber }
            parts.append("\(core) (\(found.date))\(last.dropFirst(core.count))")
            index = end
        }
        return hasDate ? parts.joined(separator: " ") : text
    }

    /// The expression that begins at a word, if any.
    ///
    /// Takes words in lower case, without the signs around them.
    func expression(in words: [String], at index: Int) -> Expression? {
        let word = words[index]
        let next = index + 1 < words.count ? words[index + 1] : ""
        switch word {
        case "yesterday": return Expression(length: 1, date: text(day.adding(days: -1)))
        case "tomorrow": return Expression(length: 1, date: text(day.adding(days: 1)))
        case "last", "past": return last(next).map { Expression(length: 2, date: $0) }
        case "next": return self.next(next).map { Expression(length: 2, date: $0) }
        case "this": return this(next, words, index)
        default: return ago(words, index)
        }
    }

    private var year: Int { day.date.year }

    private func text(_ day: CalendarDay) -> String {
        DateText.day(day, knownYear: year)
    }

    private func last(_ unit: String) -> String? {
        switch unit {
        case "night": return text(day.adding(days: -1))
        case "week": return "week before \(text(day))"
        case "weekend": return "weekend before \(text(day))"
        case "month": return DateText.month(firstOfMonth.adding(months: -1), knownYear: year)
        case "year": return String(year - 1)
        case "summer": return "summer \(day.date.month < 9 ? year - 1 : year)"
        case "winter": return "winter \(year - 1)"
        default: break
        }
        if let weekday = DateText.weekdays.firstIndex(of: unit) {
            let days = (day.weekday - weekday - 1 + 7) % 7
            return text(day.adding(days: days == 0 ? -7 : -days))
        }
        guard let month = DateText.month(named: unit) else { return nil }
        return "\(DateText.months[month - 1]) \(month < day.date.month ? year : year - 1)"
    }

    private func next(_ unit: String) -> String? {
        switch unit {
        case "week": return "week after \(text(day))"
        case "weekend": return "weekend after \(text(day))"
        case "month": return DateText.month(firstOfMonth.adding(months: 1), knownYear: year)
        case "year": return String(year + 1)
        case "summer": return "summer \(day.date.month < 6 ? year : year + 1)"
        default: break
        }
        return DateText.weekdays.firstIndex(of: unit).map { text(following($0)) }
    }

    private func this(_ unit: String, _ words: [String], _ index: Int) -> Expression? {
        if unit == "past", index + 2 < words.count, let date = last(words[index + 2]) {
            return Expression(length: 3, date: date)
        }
        if unit == "weekend" { return Expression(length: 2, date: "weekend after \(text(day))") }
        return DateText.weekdays.firstIndex(of: unit).map {
            Expression(length: 2, date: text(following($0)))
        }
    }

    /// The next day that is a weekday, not the day itself.
    private func following(_ weekday: Int) -> CalendarDay {
        let days = (weekday + 1 - day.weekday + 7) % 7
        return day.adding(days: days == 0 ? 7 : days)
    }

    private var firstOfMonth: CalendarDay {
        day.adding(days: 1 - day.date.day)
    }

    /// "three weeks ago", "a couple of months back".
    private func ago(_ words: [String], _ index: Int) -> Expression? {
        let tokens = words[index..<min(index + 3, words.count)].map { Token($0) }
        guard let (count, length) = Quantity.read(tokens[...]), count <= 200 else { return nil }
        let unit = index + length
        guard unit + 1 < words.count, ["ago", "back"].contains(words[unit + 1]),
            let date = date(count, words[unit])
        else { return nil }
        return Expression(length: length + 2, date: date)
    }

    private func date(_ count: Int, _ unit: String) -> String? {
        switch unit {
        case "day", "days": text(day.adding(days: -count))
        case "week", "weeks": "week of \(text(day.adding(days: -7 * count)))"
        case "month", "months":
            DateText.month(firstOfMonth.adding(months: -count), knownYear: year)
        case "year", "years": String(year - count)
        default: nil
        }
    }
}
