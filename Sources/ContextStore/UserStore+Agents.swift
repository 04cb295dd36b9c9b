internal import GRDB
internal import JSON

extension UserStore {
    /// Makes an agent.
    public func createAgent(_ settings: AgentSettings) async throws -> Agent {
        try await write(isCreation: true) { context, owner in
            try insertAgent(settings, context, owner)
        }
    }

    /// Makes an agent, once for all requests with the same idempotency key, if there is one.
    public func createAgent(
        _ settings: AgentSettings,
        once record: IdempotencyRecord<Agent>?
    ) async throws -> IdempotentAnswer<Agent> {
        try await write(once: record) { context, owner in
            try insertAgent(settings, context, owner)
        }
    }

    /// An agent.
    public func agent(_ id: AgentID) async throws -> Agent {
        try await read { db, user in try Agent.find(id, of: user, db) }
    }

    /// A page of the user's agents, by creation.
    public func agents(
        _ request: PageRequest<AgentID> = PageRequest()
    ) async throws -> Page<Agent> {
        try await read { db, user in
            let keyset = try Keyset(request) { id in
                try db.first(
                    "SELECT pk FROM agents WHERE id = ? AND user_pk = ?",
                    [id.text, user]
                ) { $0.integer() }
            }
            let rows = try db.rows(
                """
                SELECT \(Agent.columns) FROM agents a
                WHERE a.user_pk = ? AND \(keyset.condition("a.pk"))
                """,
                [user] + keyset.arguments,
                Agent.init
            )
            return keyset.page(rows)
        }
    }

    /// Changes an agent: the closure gets its settings and leaves them as they shall be.
    ///
    /// Reading and writing are one transaction, so no other change is lost. The closure runs on
    /// the writer's queue, perhaps twice; what it throws is passed on and changes nothing.
    public func updateAgent(
        _ id: AgentID,
        _ change: @escaping @Sendable (inout AgentSettings) throws -> Void
    ) async throws -> Agent {
        try await write { context, owner in
            var settings = try Agent.find(id, of: owner.pk, context.db).settings
            try change(&settings)
            try context.db.run(
                """
                UPDATE agents SET name = ?, model = ?, voice = ?, instructions = ?, tools = ?,
                tool_choice = ?, greeting = ?, context = ?, metadata = ?, updated_at = ?
                WHERE id = ?
                """,
                settings.columns + [store.now().milliseconds, id.text]
            )
            return try Agent.find(id, of: owner.pk, context.db)
        }
    }

    /// Deletes an agent; conversations and sessions that were made with it stay.
    public func deleteAgent(_ id: AgentID) async throws {
        try await write { context, owner in
            _ = try Agent.find(id, of: owner.pk, context.db)
            try context.db.run("DELETE FROM agents WHERE id = ?", [id.text])
        }
    }

    private func insertAgent(
        _ settings: AgentSettings,
        _ context: WriteContext,
        _ owner: Owner
    ) throws -> Agent {
        let now = store.now()
        let id = store.ids.make(AgentID.self)
        try context.db.run(
            """
            INSERT INTO agents (name, model, voice, instructions, tools, tool_choice, greeting,
            context, metadata, id, user_pk, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            settings.columns + [id.text, owner.pk, now.milliseconds, now.milliseconds]
        )
        return Agent(id: id, settings: settings, createdAt: now, updatedAt: now)
    }
}

extension Agent {
    static func find(_ id: AgentID, of user: Int64, _ db: Database) throws -> Agent {
        let agent = try db.first(
            "SELECT \(columns) FROM agents a WHERE a.id = ? AND a.user_pk = ?",
            [id.text, user],
            Agent.init
        )
        guard let agent else { throw ContextStoreError.notFound(.agent) }
        return agent
    }
}

extension AgentSettings {
    /// The values of the columns from `name` to `metadata`.
    fileprivate var columns: StatementArguments {
        [
            name, model, voice, instructions, JSONValue.array(tools).text, toolChoice?.text,
            greeting, context?.stored, metadata.stored,
        ]
    }
}
