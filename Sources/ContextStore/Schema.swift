internal import GRDB

/// The tables, as migrations that are only ever added to.
///
/// Text ids are what callers see; inside, rows refer to each other by `pk`. Every table that holds
/// anything of a user has `user_pk`. Times are milliseconds since 1970.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 conversations") { db in
            try db.execute(sql: users + agents + conversations + sessions + items)
            try db.execute(sql: deletedItems + summaries + idempotency + probe)
        }
        migrator.registerMigration("2 memory") { db in
            try db.execute(sql: memory)
        }
        migrator.registerMigration("3 live sessions") { db in
            try db.execute(sql: liveSessions)
        }
        migrator.registerMigration("4 webhooks") { db in
            try db.execute(sql: "ALTER TABLE sessions ADD COLUMN webhooks BLOB")
        }
        migrator.registerMigration("5 usage") { db in
            try db.execute(sql: usage)
        }
        migrator.registerMigration("6 broadcasts") { db in
            try db.execute(sql: broadcasts)
        }
        migrator.registerMigration("7 deletion") { db in
            try db.execute(sql: deletion)
        }
        migrator.registerMigration("8 rewritten messages") { db in
            try db.execute(sql: rewriting)
        }
        return migrator
    }

    /// Whoever owns anything.
    ///
    /// `external_id` becomes NULL when all of a user is to be deleted: from then on nobody finds
    /// it, and the rows go in the background. AUTOINCREMENT, here and below, so that a `pk` is
    /// never given twice: caches and cursors may outlive the row.
    private static let users = """
        CREATE TABLE users (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            external_id TEXT UNIQUE,
            created_at INTEGER NOT NULL
        ) STRICT;
        """

    private static let agents = """
        CREATE TABLE agents (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            user_pk INTEGER NOT NULL REFERENCES users(pk),
            name TEXT NOT NULL,
            model TEXT,
            voice TEXT,
            instructions TEXT,
            tools TEXT NOT NULL,
            tool_choice TEXT,
            greeting TEXT,
            context TEXT,
            metadata TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX agents_by_user ON agents(user_pk);
        """

    /// The conversations, with what their items add up to.
    ///
    /// `agent_pk` is no foreign key, because agents are deleted without looking for what was made
    /// with them; a pk without its agent reads as NULL. `revision` counts what may make summaries
    /// wrong.
    private static let conversations = """
        CREATE TABLE conversations (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            user_pk INTEGER NOT NULL REFERENCES users(pk),
            agent_pk INTEGER,
            title TEXT,
            metadata TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            message_count INTEGER NOT NULL DEFAULT 0,
            last_message_at INTEGER,
            revision INTEGER NOT NULL DEFAULT 0,
            deleted_at INTEGER
        ) STRICT;
        CREATE INDEX conversations_by_user ON conversations(user_pk);
        CREATE INDEX conversations_by_activity ON conversations(user_pk, last_message_at)
            WHERE deleted_at IS NULL;
        CREATE INDEX conversations_deleted ON conversations(pk) WHERE deleted_at IS NOT NULL;
        """

    private static let sessions = """
        CREATE TABLE sessions (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            user_pk INTEGER NOT NULL REFERENCES users(pk),
            conversation_pk INTEGER NOT NULL REFERENCES conversations(pk),
            agent_pk INTEGER,
            status TEXT NOT NULL,
            kind TEXT NOT NULL,
            transport TEXT NOT NULL,
            model TEXT NOT NULL,
            voice TEXT,
            upstream_id TEXT,
            secret_hash BLOB,
            secret_expires_at INTEGER NOT NULL,
            maximum_duration_s INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            ended_at INTEGER,
            end_reason TEXT,
            context TEXT NOT NULL,
            configuration TEXT NOT NULL,
            metadata TEXT NOT NULL
        ) STRICT;
        CREATE INDEX sessions_by_user ON sessions(user_pk);
        CREATE INDEX sessions_by_conversation ON sessions(conversation_pk);
        CREATE UNIQUE INDEX sessions_by_secret ON sessions(secret_hash)
            WHERE secret_hash IS NOT NULL;
        """

    /// What is in use is looked for after a start, and calls are looked for by their id.
    private static let liveSessions = """
        CREATE INDEX sessions_active ON sessions(pk) WHERE status = 'active';
        CREATE INDEX sessions_by_upstream_id ON sessions(user_pk, upstream_id)
            WHERE upstream_id IS NOT NULL;
        """

    /// The items, in the order of `position` within their conversation.
    ///
    /// `link` says what is known of an item's predecessor (``Link``), `previous_upstream_id` names
    /// it. `user_pk` is no foreign key here: the conversation has the same owner, and the check
    /// would cost on every append. The index by session also finds what has none.
    private static let items = """
        CREATE TABLE items (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            user_pk INTEGER NOT NULL,
            conversation_pk INTEGER NOT NULL REFERENCES conversations(pk),
            session_pk INTEGER REFERENCES sessions(pk),
            upstream_id TEXT,
            kind TEXT NOT NULL,
            role TEXT NOT NULL,
            status TEXT NOT NULL,
            link INTEGER NOT NULL,
            previous_upstream_id TEXT,
            position INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            metadata TEXT NOT NULL,
            content TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX items_by_position ON items(conversation_pk, position);
        CREATE UNIQUE INDEX items_by_upstream_id ON items(conversation_pk, upstream_id)
            WHERE upstream_id IS NOT NULL;
        CREATE INDEX items_by_session ON items(session_pk, conversation_pk, position);
        CREATE INDEX items_waiting ON items(conversation_pk, previous_upstream_id)
            WHERE link = 2;
        """

    private static let deletedItems = """
        CREATE TABLE deleted_items (
            conversation_pk INTEGER NOT NULL REFERENCES conversations(pk),
            upstream_id TEXT NOT NULL,
            user_pk INTEGER NOT NULL,
            link INTEGER NOT NULL,
            previous_upstream_id TEXT,
            PRIMARY KEY (conversation_pk, upstream_id)
        ) STRICT, WITHOUT ROWID;
        """

    private static let summaries = """
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
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX summaries_by_segment
            ON summaries(conversation_pk, ifnull(session_pk, 0));
        CREATE INDEX summaries_by_session ON summaries(session_pk);
        CREATE INDEX summaries_by_user ON summaries(user_pk, said_at);
        CREATE INDEX summaries_by_conversation ON summaries(conversation_pk);
        CREATE INDEX summaries_by_age ON summaries(conversation_pk, said_at);
        """

    private static let idempotency = """
        CREATE TABLE idempotency_keys (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            user_pk INTEGER NOT NULL REFERENCES users(pk),
            key TEXT NOT NULL,
            fingerprint BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            answer BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX idempotency_keys_by_key ON idempotency_keys(user_pk, key);
        CREATE INDEX idempotency_keys_by_age ON idempotency_keys(created_at);
        """

    /// What responses and transcripts consumed, each once; `cost` is in billionths of a dollar, and
    /// NULL where a price was not known.
    private static let usage = """
        CREATE TABLE usage (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            user_pk INTEGER NOT NULL REFERENCES users(pk),
            conversation_pk INTEGER NOT NULL REFERENCES conversations(pk),
            session_pk INTEGER NOT NULL REFERENCES sessions(pk),
            source TEXT NOT NULL,
            source_id TEXT NOT NULL,
            model TEXT NOT NULL,
            status TEXT,
            created_at INTEGER NOT NULL,
            input_text INTEGER NOT NULL,
            input_audio INTEGER NOT NULL,
            input_image INTEGER NOT NULL,
            cached_text INTEGER NOT NULL,
            cached_audio INTEGER NOT NULL,
            cached_image INTEGER NOT NULL,
            output_text INTEGER NOT NULL,
            output_audio INTEGER NOT NULL,
            reasoning INTEGER NOT NULL,
            milliseconds INTEGER NOT NULL,
            cost INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX usage_by_source ON usage(session_pk, source, source_id);
        CREATE INDEX usage_by_time ON usage(user_pk, created_at);
        CREATE INDEX usage_by_conversation ON usage(conversation_pk);
        """

    private static let probe = """
        CREATE TABLE probe (
            pk INTEGER PRIMARY KEY CHECK (pk = 1),
            written_at INTEGER NOT NULL
        ) STRICT;
        """
}
