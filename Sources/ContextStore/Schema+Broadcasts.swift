extension Schema {
    /// Broadcasts and their captions; both go with the broadcast's conversation.
    static let broadcasts = """
        CREATE TABLE broadcasts (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            user_pk INTEGER NOT NULL REFERENCES users(pk),
            conversation_pk INTEGER NOT NULL REFERENCES conversations(pk),
            session_pk INTEGER NOT NULL REFERENCES sessions(pk),
            title TEXT NOT NULL,
            mode TEXT NOT NULL,
            source_language TEXT NOT NULL,
            languages TEXT NOT NULL,
            has_audio INTEGER NOT NULL,
            access TEXT NOT NULL,
            token_hash BLOB,
            metadata TEXT NOT NULL,
            status TEXT NOT NULL,
            is_speaking INTEGER NOT NULL DEFAULT 0,
            speakers INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            ended_at INTEGER,
            end_reason TEXT
        ) STRICT;
        CREATE INDEX broadcasts_by_user ON broadcasts(user_pk);
        CREATE INDEX broadcasts_by_session ON broadcasts(session_pk);
        CREATE UNIQUE INDEX broadcasts_by_conversation ON broadcasts(conversation_pk);
        CREATE TABLE captions (
            pk INTEGER PRIMARY KEY AUTOINCREMENT,
            user_pk INTEGER NOT NULL,
            conversation_pk INTEGER NOT NULL REFERENCES conversations(pk),
            language TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            number INTEGER NOT NULL,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            reason TEXT,
            speaker INTEGER NOT NULL,
            spoken_language TEXT,
            start_ms INTEGER NOT NULL,
            end_ms INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX captions_by_sequence ON captions(conversation_pk, language, sequence);
        CREATE INDEX captions_by_number ON captions(conversation_pk, language, number);
        """
}
