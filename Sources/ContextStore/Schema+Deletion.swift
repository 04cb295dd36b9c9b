/// What makes deleted text go from everywhere that it was copied to.
extension Schema {
    static let deletion = [
        sessionMemory, answers, editions, factsByKind, blockRemoval, followingDeletion,
    ].joined()

    /// The memory block of a session stands apart from its configuration, so that it can go alone.
    private static let sessionMemory = """
        ALTER TABLE sessions ADD COLUMN memory TEXT;
        UPDATE sessions SET memory = CASE WHEN status = 'active' OR status = 'created'
            AND secret_expires_at > strftime('%s', 'now') * 1000 THEN nullif(ltrim(substr(
            json_extract(configuration, '$.upstream.instructions'),
            length(json_extract(configuration, '$.instructions')) + 1), char(10)), '') END,
            configuration = json_set(configuration, '$.upstream.instructions',
            json_extract(configuration, '$.instructions'))
            WHERE json_type(configuration, '$.upstream.instructions') = 'text'
            AND json_type(configuration, '$.instructions') = 'text';
        CREATE INDEX sessions_with_memory ON sessions(user_pk) WHERE memory IS NOT NULL;
        """

    /// The conversation whose messages an answer holds; NULL for other answers, and for those that
    /// were emptied.
    private static let answers = """
        ALTER TABLE idempotency_keys ADD COLUMN conversation_pk INTEGER;
        CREATE INDEX idempotency_keys_by_conversation ON idempotency_keys(conversation_pk)
            WHERE conversation_pk IS NOT NULL;
        """

    /// Counts how often a summary was made anew.
    private static let editions = """
        ALTER TABLE summaries ADD COLUMN edition INTEGER NOT NULL DEFAULT 0;
        """

    /// Prompts look facts up by their kinds.
    private static let factsByKind = """
        CREATE INDEX facts_by_kind ON facts(user_pk, kind);
        """

    /// Prepared blocks go when what they were made of does; before, they waited for the next ones.
    private static let blockRemoval = """
        DELETE FROM memory_blocks;
        CREATE TRIGGER memory_messages_blocks_updated AFTER UPDATE ON memory_messages BEGIN
            DELETE FROM memory_blocks WHERE user_pk = new.user_pk;
        END;
        CREATE TRIGGER memory_messages_blocks_deleted AFTER DELETE ON memory_messages BEGIN
            DELETE FROM memory_blocks WHERE user_pk = old.user_pk;
        END;
        CREATE TRIGGER memory_sentences_blocks_deleted AFTER DELETE ON memory_sentences BEGIN
            DELETE FROM memory_blocks WHERE user_pk = old.user_pk;
        END;
        """

    /// A session's own items are not in the block that it began with.
    private static let followingDeletion = """
        CREATE TRIGGER items_deleted_copies AFTER DELETE ON items BEGIN
            UPDATE sessions SET memory = NULL WHERE user_pk = old.user_pk AND memory IS NOT NULL
            AND pk IS NOT old.session_pk;
            UPDATE idempotency_keys SET answer = x'', conversation_pk = NULL
            WHERE conversation_pk = old.conversation_pk;
        END;
        CREATE TRIGGER items_forgotten AFTER INSERT ON forgotten_items BEGIN
            UPDATE sessions SET memory = NULL WHERE memory IS NOT NULL
            AND user_pk = (SELECT user_pk FROM items WHERE pk = new.item_pk);
        END;
        CREATE TRIGGER conversations_hidden_copies AFTER UPDATE OF deleted_at ON conversations BEGIN
            UPDATE sessions SET memory = NULL WHERE user_pk = new.user_pk AND memory IS NOT NULL;
            UPDATE idempotency_keys SET answer = x'', conversation_pk = NULL
            WHERE conversation_pk = new.pk;
        END;
        CREATE TRIGGER sessions_ended AFTER UPDATE OF status ON sessions
        WHEN new.status = 'ended' AND new.memory IS NOT NULL BEGIN
            UPDATE sessions SET memory = NULL WHERE pk = new.pk;
        END;
        """
}
