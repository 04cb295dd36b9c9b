/// What the user does for a living, and for whom.
enum JobFacts {
    static func facts(in clause: FactClause) -> [FoundFact] {
        if let title = phrase(behind: titles, in: clause) { return [job(title)] }
        if let title = phrase(behind: formerTitles, in: clause) {
            return [job(title, hasEnded: true)]
        }
        if let firm = name(behind: employers, in: clause) { return [employer(firm)] }
        if !clause.deniesWithoutEnding, let firm = name(behind: formerEmployers, in: clause) {
            return [employer(firm, hasEnded: true)]
        }
        if let title = profession(clause.after(anyOf: presents)) {
            return [job(title)]
        }
        if let title = profession(clause.after(anyOf: pasts)) {
            return [job(title, hasEnded: true)]
        }
        let states = ["retired", "unemployed"]
        for state in states where clause.after("i am \(state)")?.isEmpty == true {
            return [
                FoundFact(
                    "job",
                    "",
                    state,
                    state == "retired" ? "Retired" : "Unemployed",
                    isSingle: true
                )
            ]
        }
        return []
    }

    private static func phrase(behind phrases: Set<String>, in clause: FactClause) -> String? {
        clause.after(anyOf: phrases).flatMap { FactValue.phrase($0, limit: 4) }
    }

    private static func name(behind phrases: Set<String>, in clause: FactClause) -> String? {
        guard let words = clause.after(anyOf: phrases) else { return nil }
        return FactValue.name(words, limit: 4)?.name
    }

    /// "A nurse", "a software engineer"; but not "a bit tired".
    private static func profession(_ words: ArraySlice<Token>?) -> String? {
        guard let words, let title = FactValue.phrase(words, limit: 4) else { return nil }
        let last = Token(title.split(separator: " ").last ?? "").core
        return professions.contains(last) ? title : nil
    }

    private static func job(_ title: String, hasEnded: Bool = false) -> FoundFact {
        FoundFact("job", "", title, "Works as \(title)", isSingle: true, hasEnded: hasEnded)
    }

    private static func employer(_ firm: String, hasEnded: Bool = false) -> FoundFact {
        FoundFact("job", "employer", firm, "Works for \(firm)", isSingle: true, hasEnded: hasEnded)
    }

    private static let titles: Set<String> = [
        "i work as", "i am working as", "i have been working as", "i started as",
        "i started working as", "i got a job as", "i have a job as", "i got hired as",
    ]
    private static let formerTitles: Set<String> = [
        "i used to work as", "i no longer work as", "i worked as", "i used to be a",
        "i used to be an",
    ]
    private static let employers: Set<String> = [
        "i work at", "i work for", "i am working at", "i am working for", "i have been working at",
        "i have been working for", "i started working at", "i started working for",
        "i got a job at", "i started a new job at", "i started at", "i got hired at",
        "i am employed at", "i am employed by",
    ]
    private static let formerEmployers: Set<String> = [
        "i used to work at", "i used to work for", "i no longer work at", "i no longer work for",
        "i don't work at", "i don't work for", "i worked at", "i worked for",
    ]
    private static let professions = Set(
        words: """
            accountant actor actress analyst architect artist attorney author baker banker barber
            barista bartender biologist bookkeeper builder butcher carpenter cashier chef chemist
            cleaner coach composer consultant contractor cook counselor counsellor dancer dentist
            designer developer director doctor driver economist editor electrician engineer
            entrepreneur farmer filmmaker firefighter florist freelancer gardener geologist
            hairdresser historian illustrator instructor janitor journalist judge lawyer lecturer
            librarian machinist manager mechanic midwife model musician nanny nurse nutritionist
            optician painter paralegal paramedic pharmacist photographer physician physicist
            physiotherapist pianist pilot plumber policeman policewoman postman potter producer
            professor programmer psychiatrist psychologist realtor receptionist recruiter reporter
            researcher sailor salesman saleswoman scientist sculptor secretary singer soldier
            statistician student surgeon surveyor tailor teacher technician therapist trainer
            translator tutor veterinarian vet waiter waitress welder writer
            """
    )

    private static let presents: Set<String> = ["i am a", "i am an"]
    private static let pasts: Set<String> = ["i was a", "i was an"]
}
