/// The tables of the memory engine: all of it is derived from messages, save what is forgotten.
///
/// Rows follow their messages by triggers, so that no path that deletes or changes a message can
/// leave anything behind.
extension Schema {
    static let memory = [
        progress, messages, messageIndex, sentences, blocks, facts, forgetting, rollingSummaries,
        following,
    ].joined()

    /// How far messages are indexed: all up to `item_pk`, save those that changed since.
    ///
    /// What was said up to `summarized_pk` is summarised, save where a summary is outdated.
    /// `version` says by which rules; other rules mean that everything is made anew.
    private static let progress = """
        CREATE TABLE memory_progress (
            pk INTEGER PRIMARY KEY CHECK (pk = 1),
            item_pk INTEGER NOT NULL,
            version INTEGER NOT NULL,
            summarized_pk INTEGER NOT NULL
        ) STRICT;
        INSERT INTO memory_progress (pk, item_pk, version, summarized_pk) VALUES (1, 0, 0, 0);
        CREATE TABLE memory_changes (
            item_pk INTEGER PRIMARY KEY,
            revision INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE memory_users (
            user_pk INTEGER PRIMARY KEY,
            messages INTEGER NOT NULL,
            words INTEGER NOT NULL,
            revision INTEGER NOT NULL
        ) STRICT;
        """

    /// What is known of each indexed message; `pk` is its item's, `session_pk` 0 outside sessions.
    private static let messages = """
        CREATE TABLE memory_messages (
            pk INTEGER PRIMARY KEY,
            user_pk INTEGER NOT NULL,
            conversation_pk INTEGER NOT NULL,
            session_pk INTEGER NOT NULL,
            said_at INTEGER NOT NULL,
            role TEXT NOT NULL,
            speaker TEXT,
            words INTEGER NOT NULL,
            traits INTEGER NOT NULL,
            terms TEXT NOT NULL,
            day TEXT NOT NULL
        ) STRICT;
        CREATE INDEX memory_messages_by_time ON memory_messages(user_pk, said_at);
        """

    /// Each word and day has its user in front (``MemoryTokens``), so that no query reads the
    /// postings of others; marks count as letters, because words come folded already.
    private static let messageIndex = """
        CREATE VIEW message_tokens AS SELECT pk,
            'u' || user_pk || ' c' || conversation_pk AS owner,
            user_pk || char(57344) || replace(terms, ' ', ' ' || user_pk || char(57344)) AS words,
            user_pk || char(57344) || replace(day, ' ', ' ' || user_pk || char(57344)) AS days
            FROM memory_messages;
        CREATE VIRTUAL TABLE message_fts USING fts5(
            owner, words, days, content='message_tokens', content_rowid='pk',
            tokenize="porter unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
        );
        CREATE TRIGGER memory_messages_inserted AFTER INSERT ON memory_messages BEGIN
            INSERT INTO message_fts (rowid, owner, words, days)
            SELECT pk, owner, words, days FROM message_tokens WHERE pk = new.pk;
            INSERT INTO memory_users (user_pk, messages, words, revision)
            VALUES (new.user_pk, 1, new.words, 1)
            ON CONFLICT DO UPDATE SET messages = messages + 1, words = words + excluded.words,
            revision = revision + 1;
        END;
        CREATE TRIGGER memory_messages_changing BEFORE UPDATE ON memory_messages BEGIN
            INSERT INTO message_fts (message_fts, rowid, owner, words, days)
            SELECT 'delete', pk, owner, words, days FROM message_tokens WHERE pk = old.pk;
        END;
        CREATE TRIGGER memory_messages_updated AFTER UPDATE ON memory_messages BEGIN
            INSERT INTO message_fts (rowid, owner, words, days)
            SELECT pk, owner, words, days FROM message_tokens WHERE pk = new.pk;
            UPDATE memory_users SET words = words - old.words + new.words,
            revision = revision + 1 WHERE user_pk = new.user_pk;
        END;
        CREATE TRIGGER memory_messages_deleting BEFORE DELETE ON memory_messages BEGIN
            INSERT INTO message_fts (message_fts, rowid, owner, words, days)
            SELECT 'delete', pk, owner, words, days FROM message_tokens WHERE pk = old.pk;
        END;
        CREATE TRIGGER memory_messages_deleted AFTER DELETE ON memory_messages BEGIN
            UPDATE memory_users SET messages = messages - 1, words = words - old.words,
            revision = revision + 1 WHERE user_pk = old.user_pk;
            DELETE FROM memory_sentences WHERE item_pk = old.pk;
        END;
        """

    private static let sentences = """
        CREATE TABLE memory_sentences (
            item_pk INTEGER NOT NULL,
            ordinal INTEGER NOT NULL,
            user_pk INTEGER NOT NULL,
            conversation_pk INTEGER NOT NULL,
            rank INTEGER NOT NULL,
            worth INTEGER NOT NULL,
            text TEXT NOT NULL,
            marks BLOB NOT NULL,
            PRIMARY KEY (item_pk, ordinal)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX memory_sentences_by_user ON memory_sentences(user_pk, rank);
        CREATE INDEX memory_sentences_by_conversation
            ON memory_sentences(conversation_pk, rank);
        """

    /// The prepared memory blocks; `conversation_pk` 0 for all conversations of the user.
    private static let blocks = """
        CREATE TABLE memory_blocks (
            user_pk INTEGER NOT NULL,
            conversation_pk INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            version INTEGER NOT NULL,
            ranking TEXT NOT NULL,
            PRIMARY KEY (user_pk, conversation_pk)
        ) STRICT, WITHOUT ROWID;
        """

    /// What users said of themselves; a fact without any source goes with its last one.
    private static let facts = """
        CREATE TABLE facts (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            user_pk INTEGER NOT NULL,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            text TEXT NOT NULL,
            is_single INTEGER NOT NULL,
            source TEXT NOT NULL,
            fingerprint INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX facts_by_user ON facts(user_pk);
        CREATE UNIQUE INDEX facts_by_fingerprint ON facts(user_pk, fingerprint);
        CREATE TABLE fact_sources (
            fact_pk INTEGER NOT NULL,
            item_pk INTEGER NOT NULL,
            said_at INTEGER NOT NULL,
            has_ended INTEGER NOT NULL,
            PRIMARY KEY (fact_pk, item_pk)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX fact_sources_by_item ON fact_sources(item_pk);
        CREATE TRIGGER fact_sources_deleted AFTER DELETE ON fact_sources
        WHEN NOT EXISTS (SELECT 1 FROM fact_sources WHERE fact_pk = old.fact_pk) BEGIN
            DELETE FROM facts WHERE pk = old.fact_pk;
        END;
        """

    /// What people had forgotten: facts by fingerprint alone, and the messages that they came from.
    private static let forgetting = """
        CREATE TABLE forgotten_facts (
            user_pk INTEGER NOT NULL,
            fingerprint INTEGER NOT NULL,
            PRIMARY KEY (user_pk, fingerprint)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE forgotten_items (
            item_pk INTEGER PRIMARY KEY
        ) STRICT;
        """

    /// Summaries of ranges of items, several of a long segment; made anew in place of those of the
    /// first migration, which had one of each segment.
    ///
    /// `version` 0 marks one that is outdated: it is empty, and holds the place of the next one.
    /// `model_state` is 0 until a language model was asked, or asking it was given up.
    private static let rollingSummaries = """
        DROP TABLE summaries;
        CREATE TABLE summaries (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            user_pk INTEGER NOT NULL REFERENCES users(pk),
            conversation_pk INTEGER NOT NULL REFERENCES conversations(pk),
            session_pk INTEGER REFERENCES sessions(pk),
            text TEXT NOT NULL,
            said_at INTEGER NOT NULL,
            from_position INTEGER NOT NULL,
            to_position INTEGER NOT NULL,
            item_count INTEGER NOT NULL,
            tokens INTEGER NOT NULL,
            version INTEGER NOT NULL,
            source TEXT NOT NULL,
            is_full INTEGER NOT NULL,
            model_state INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX summaries_by_end
            ON summaries(conversation_pk, ifnull(session_pk, 0), to_position);
        CREATE INDEX summaries_by_conversation ON summaries(conversation_pk);
        CREATE INDEX summaries_by_session ON summaries(session_pk);
        CREATE INDEX summaries_by_user ON summaries(user_pk);
        CREATE INDEX summaries_outdated ON summaries(pk) WHERE version = 0;
        CREATE INDEX summaries_for_model ON summaries(pk) WHERE model_state = 0;
        CREATE INDEX summaries_by_model ON summaries(user_pk, said_at) WHERE source = 'model';
        CREATE INDEX summaries_by_model_of_conversation
            ON summaries(conversation_pk, said_at) WHERE source = 'model';
        """

    /// What follows from changes of messages and conversations.
    private static let following = """
        CREATE TRIGGER items_changed
        AFTER UPDATE OF content, metadata, session_pk, link ON items BEGIN
            INSERT INTO memory_changes (item_pk, revision) VALUES (new.pk, 1)
            ON CONFLICT DO UPDATE SET revision = revision + 1;
        END;
        CREATE TRIGGER items_rewritten AFTER UPDATE OF content ON items
        WHEN old.content <> new.content BEGIN
            UPDATE summaries SET version = 0, text = '', model_state = 0, source = 'embedded'
            WHERE conversation_pk = new.conversation_pk
            AND ifnull(session_pk, 0) = ifnull(new.session_pk, 0)
            AND to_position >= new.position AND from_position <= new.position;
        END;
        CREATE TRIGGER items_deleted AFTER DELETE ON items BEGIN
            DELETE FROM memory_messages WHERE pk = old.pk;
            DELETE FROM memory_changes WHERE item_pk = old.pk;
            DELETE FROM fact_sources WHERE item_pk = old.pk;
            DELETE FROM forgotten_items WHERE item_pk = old.pk;
        END;
        CREATE TRIGGER conversations_hidden AFTER UPDATE OF deleted_at ON conversations BEGIN
            UPDATE memory_users SET revision = revision + 1 WHERE user_pk = new.user_pk;
            DELETE FROM memory_blocks WHERE user_pk = new.user_pk
            AND conversation_pk IN (0, new.pk);
        END;
        CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN
            DELETE FROM memory_users WHERE user_pk = old.pk;
            DELETE FROM memory_blocks WHERE user_pk = old.pk;
            DELETE FROM facts WHERE user_pk = old.pk;
            DELETE FROM forgotten_facts WHERE user_pk = old.pk;
        END;
        """

    /// A message that is written anew makes wrong what is being made of it, too: its conversation
    /// counts that.
    static let rewriting = """
        CREATE TRIGGER items_rewritten_revision AFTER UPDATE OF content ON items
        WHEN old.content <> new.content BEGIN
            UPDATE conversations SET revision = revision + 1 WHERE pk = new.conversation_pk;
        END;
        """
}
