internal import GRDB
internal import TextAnalysis

/// Stores what was derived from items, within one transaction.
struct MemoryWriter {
    let db: Database
    let ids: IdentifierGenerator
    let now: Timestamp
    /// Items up to here were indexed before this transaction.
    let place: Int64

    /// Stores what was derived from an item in place of what there was.
    ///
    /// An item that was deleted, hidden or forgotten meanwhile leaves nothing; one that changed meanwhile is still
    /// noted as changed, and comes again.
    func store(_ derived: DerivedMemory) throws {
        let item = derived.item
        if item.isRemembered {
            if try storeMessage(derived) {
                try storeSentences(derived)
                try storeFacts(derived)
            }
        } else {
            try db.run("DELETE FROM memory_messages WHERE pk = ?", [item.pk])
        }
        if let revision = item.revision {
            try db.run(
                "DELETE FROM memory_changes WHERE item_pk = ? AND revision = ?",
                [item.pk, revision]
            )
        }
    }

    /// Whether the item is still there, and neither hidden nor forgotten meanwhile.
    private func storeMessage(_ derived: DerivedMemory) throws -> Bool {
        let item = derived.item
        let known = try db.first("SELECT terms FROM memory_messages WHERE pk = ?", [item.pk]) {
            $0.text()
        }
        try db.run(
            """
            INSERT INTO memory_messages (pk, user_pk, conversation_pk, session_pk, said_at, role,
            speaker, words, traits, terms, day)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
            WHERE EXISTS (SELECT 1 FROM items i JOIN conversations c ON c.pk = i.conversation_pk
            WHERE i.pk = ?1 AND c.deleted_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM forgotten_items WHERE item_pk = ?1)
            ON CONFLICT (pk) DO UPDATE SET session_pk = excluded.session_pk,
            speaker = excluded.speaker, words = excluded.words, traits = excluded.traits,
            terms = excluded.terms
            """,
            [
                item.pk, item.userPK, item.conversationPK, item.sessionPK,
                item.saidAt.milliseconds, item.role.rawValue, item.speaker, derived.wordCount,
                derived.traits.stored, derived.terms, derived.day,
            ]
        )
        guard db.changesCount > 0 else { return false }
        if known != derived.terms { try noteFollower(of: item) }
        return true
    }

    /// What a message says of the one behind it (a question makes an answer of it) has changed:
    /// that one is derived again, if it was already.
    private func noteFollower(of item: PendingItem) throws {
        try db.run(
            """
            INSERT INTO memory_changes (item_pk, revision)
            SELECT b.pk, 1 FROM items i JOIN items b ON b.pk = \(MessageNeighbours.next)
            WHERE i.pk = ? AND b.pk <= ?
            ON CONFLICT DO UPDATE SET revision = revision + 1
            """,
            [item.pk, place]
        )
    }

    private func storeSentences(_ derived: DerivedMemory) throws {
        let item = derived.item
        try db.run("DELETE FROM memory_sentences WHERE item_pk = ?", [item.pk])
        for (ordinal, sentence) in derived.sentences.enumerated() {
            try db.run(
                """
                INSERT INTO memory_sentences (item_pk, ordinal, user_pk, conversation_pk, rank,
                worth, text, marks) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    item.pk, ordinal, item.userPK, item.conversationPK, sentence.rank,
                    sentence.worth, sentence.condensed, WordMarks.stored(sentence.marks),
                ]
            )
        }
    }

    /// Merges the facts with what is known, so that they keep their ids when their message is
    /// derived again; what a model found stays.
    private func storeFacts(_ derived: DerivedMemory) throws {
        let item = derived.item
        let found = derived.facts.map { FactRow($0, userPK: item.userPK) }
        for fact in found {
            try fact.insert(id: ids.make(FactID.self), at: now, db)
            try fact.addSource(item.pk, saidAt: item.saidAt, db)
        }
        let known = try db.rows(
            """
            SELECT f.pk, f.fingerprint FROM fact_sources s JOIN facts f ON f.pk = s.fact_pk
            WHERE s.item_pk = ? AND f.source = 'embedded'
            """,
            [item.pk]
        ) { (pk: $0.integer(), fingerprint: $0.integer()) }
        for fact in known where !found.contains(where: { $0.fingerprint == fact.fingerprint }) {
            try db.run(
                "DELETE FROM fact_sources WHERE fact_pk = ? AND item_pk = ?",
                [fact.pk, item.pk]
            )
        }
    }
}
