/// Names and birthdays.
enum PersonFacts {
    static func facts(in clause: FactClause, saidOn day: CalendarDay) -> [FoundFact] {
        [name(in: clause), birthday(in: clause, saidOn: day), age(in: clause)].compactMap(\.self)
    }

    private static func name(in clause: FactClause) -> FoundFact? {
        let sure = clause.after(anyOf: nameOpenings)
        if let words = sure, let (name, rest) = FactValue.name(words, limit: 3), isOver(rest) {
            return FoundFact("name", "", name, "Name: \(name)", isSingle: true)
        }
        // "I'm Ana" tells a name only in a greeting, and "I'm Spanish" none.
        guard clause.followsGreeting, let words = clause.after("i am"),
            let (name, rest) = FactValue.name(words, limit: 2), isOver(rest), !isOrigin(name)
        else { return nil }
        return FoundFact("name", "", name, "Name: \(name)", isSingle: true)
    }

    /// Whether nothing follows that could make a name something else ("Call me Monday evening").
    private static func isOver(_ rest: ArraySlice<Token>) -> Bool {
        rest.first.map { ["and", "by", "from", "for", "but", "in"].contains($0.core) } ?? true
    }

    private static func isOrigin(_ name: String) -> Bool {
        name.hasSuffix("ish") || name.hasSuffix("ese") || name.count > 6 && name.hasSuffix("ian")
            || ["American", "German", "Indian", "French", "Dutch", "Mexican"].contains(name)
    }

    private static func birthday(in clause: FactClause, saidOn day: CalendarDay) -> FoundFact? {
        let said = clause.after(anyOf: birthdayOpenings)
        guard var words = said else { return nil }
        if let first = words.first, first.core == "on" || first.core == "in" {
            words = words.dropFirst()
        }
        let cores = words.prefix(4).map(\.core)
        if let first = cores.first,
            let offset = ["today": 0, "tomorrow": 1, "yesterday": -1][first]
        {
            return birthday(DateText.day(day.adding(days: offset), knownYear: day.date.year))
        }
        if cores.count == 1, let year = cores.first, year.count == 4, Int(year) != nil {
            return FoundFact("birthday", "year", year, "Born in \(year)", isSingle: true)
        }
        let date = words.prefix(4).prefix { $0.core == "of" || $0.core == "the" || isDatePart($0) }
        guard date.contains(where: { FactValue.isMonth($0.core) }),
            date.contains(where: { $0.core.contains(where: \.isNumber) })
        else { return nil }
        let parts = date.filter { $0.core != "of" && $0.core != "the" }
        return birthday(FactValue.plain(Array(parts)))
    }

    private static func isDatePart(_ word: Token) -> Bool {
        FactValue.isMonth(word.core) || word.core.first?.isNumber == true
    }

    private static func birthday(_ date: String) -> FoundFact {
        FoundFact("birthday", "", date, "Birthday: \(date)", isSingle: true)
    }

    private static func age(in clause: FactClause) -> FoundFact? {
        guard let words = clause.after(anyOf: ageOpenings), let first = words.first,
            let age = Int(first.core), (5...120).contains(age)
        else { return nil }
        let rest = words.dropFirst().map(\.core)
        guard rest == ["years", "old"] || rest.isEmpty && clause.after("i turned") != nil else {
            return nil
        }
        return FoundFact("birthday", "age", "\(age)", "\(age) years old", isSingle: true)
    }

    private static let nameOpenings: Set<String> = [
        "my name is", "my full name is", "my first name is", "i am called", "call me",
        "you can call me", "people call me", "everyone calls me", "everybody calls me",
        "my friends call me", "i go by",
    ]
    private static let birthdayOpenings: Set<String> = [
        "my birthday is", "my birthday was", "i was born",
    ]
    private static let ageOpenings: Set<String> = ["i am", "i turned"]
}
