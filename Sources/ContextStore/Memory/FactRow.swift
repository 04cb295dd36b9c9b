internal import GRDB
internal import TextAnalysis

/// A fact as it is about to be stored.
struct FactRow {
    let userPK: Int64
    let kind: String
    let key: String
    let value: String
    let text: String
    let isSingle: Bool
    let hasEnded: Bool
    let source: Fact.Source

    /// What tells the same fact by: equal for equal kind, key and value, whatever the case.
    ///
    /// It is all that stays of a fact that was forgotten, so that it does not come back.
    var fingerprint: Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let terms = Words.indexTerms(of: key) + ["="] + Words.indexTerms(of: value)
        for byte in ([kind] + terms).joined(separator: " ").utf8 {
            // FNV-1a, 64 bits (RFC 9923).
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        return Int64(bitPattern: hash)
    }

    /// Stores the fact, unless it is known or was forgotten; of a known one, whether it is the only
    /// one of its kind is stored by the present rules.
    func insert(id: FactID, at now: Timestamp, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO facts (id, user_pk, kind, key, value, text, is_single, source, fingerprint,
            created_at)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE NOT EXISTS
            (SELECT 1 FROM forgotten_facts WHERE user_pk = ?2 AND fingerprint = ?9)
            ON CONFLICT (user_pk, fingerprint) DO UPDATE SET is_single = excluded.is_single
            WHERE source = excluded.source AND is_single <> excluded.is_single
            """,
            [
                id.text, userPK, kind, key, value, text, isSingle, source.rawValue, fingerprint,
                now.milliseconds,
            ]
        )
    }

    /// Notes a message that the fact, if it is stored, was said in.
    func addSource(_ item: Int64, saidAt: Timestamp, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO fact_sources (fact_pk, item_pk, said_at, has_ended)
            SELECT pk, ?, ?, ? FROM facts WHERE user_pk = ? AND fingerprint = ?
            ON CONFLICT DO UPDATE SET said_at = excluded.said_at, has_ended = excluded.has_ended
            """,
            [item, saidAt.milliseconds, hasEnded, userPK, fingerprint]
        )
    }
}

extension FactRow {
    /// A fact that the engine itself found.
    init(_ fact: FoundFact, userPK: Int64) {
        self.userPK = userPK
        kind = fact.slot
        key = fact.key
        value = fact.value
        text = fact.text
        isSingle = fact.isSingle
        hasEnded = fact.hasEnded
        source = .embedded
    }
}
