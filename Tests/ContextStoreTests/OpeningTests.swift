import Foundation
import GRDB
import JSON
import Testing

@testable import ContextStore

@Suite struct OpeningTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `a fresh database keeps what is stored when it is opened again`() async throws {
        let path = directory.file("new/deep/store.sqlite")
        let store = try ContextStore.make(at: path)
        let conversation = try await store.user(named: "ann").makeConversation()
        _ = try await store.user(named: "ann").append(.make("hello"), to: conversation)
        try await store.close()

        let again = try ContextStore.make(at: path)
        #expect(try await again.user(named: "ann").contents(of: conversation) == ["hello"])
        #expect(try await again.check() == [])
        try await again.close()
    }

    @Test func `a database of an earlier version is brought up to date, with its sessions`()
        async throws
    {
        let path = directory.file()
        let old = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(old, upTo: "2 memory")
        try await old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO users (external_id, created_at) VALUES ('ann', 0);
                    INSERT INTO conversations (id, user_pk, metadata, created_at, updated_at)
                    VALUES ('conv_1', 1, '{}', 0, 0);
                    INSERT INTO sessions (id, user_pk, conversation_pk, status, kind, transport,
                    model, secret_expires_at, maximum_duration_s, created_at, context,
                    configuration, metadata) VALUES ('sess_1', 1, 1, 'active', 'realtime',
                    'webrtc', 'm', 0, 1, 0, '{}', '{}', '{}');
                    """
            )
        }
        try old.close()
        let store = try ContextStore.make(at: path)
        let ann = store.user(named: "ann")
        let session = try #require(try await ann.sessions().elements.first)
        #expect(session.id.text == "sess_1" && session.webhooks == nil)
        #expect(try await ann.recordUsage(.make(in: session, "resp_1")))
        #expect(try await store.check() == [])
        try await store.close()
    }

    @Test func `a database of a newer version is refused and left alone`() async throws {
        let path = directory.file()
        try await ContextStore.make(at: path).close()
        try await DatabaseQueue(path: path).write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('999 flying cars')")
        }
        #expect(throws: ContextStoreError.newerDatabase) { try ContextStore.make(at: path) }
    }

    @Test func `a file that is no database is refused`() throws {
        let path = directory.file()
        try Data(repeating: 65, count: 4096).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ContextStoreError.self) { try ContextStore.make(at: path) }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a path that cannot be made is unavailable`() throws {
        let blocked = directory.file("file")
        try Data().write(to: URL(fileURLWithPath: blocked))
        let error = #expect(throws: ContextStoreError.self) {
            try ContextStore.make(at: blocked + "/store.sqlite")
        }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `commits are durable, and foreign keys are kept`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let settings = try await store.database.writeWithoutTransaction { db in
            try ["synchronous", "foreign_keys", "secure_delete"].map {
                try Int.fetchOne(db, sql: "PRAGMA \($0)")
            }
        }
        #expect(settings == [2, 1, 1])
        let mode = try await store.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(mode == "wal")
        try await store.close()
    }

    @Test func `the files are their owner's alone`() async throws {
        let store = try ContextStore.make(at: directory.file())
        try await store.probe()
        for name in ["store.sqlite", "store.sqlite-wal"] {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: directory.file(name)
            )
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        try await store.close()
    }

    @Test func `what was acknowledged is there after an unclean exit`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let conversation = try await ann.makeConversation()
        for number in 0..<20 { _ = try await ann.append(.make("\(number)"), to: conversation) }
        // What a crash leaves behind: the files as they are, with nothing closed.
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(
                atPath: directory.file() + suffix,
                toPath: directory.file("crashed.sqlite") + suffix
            )
        }
        let crashed = try ContextStore.make(at: directory.file("crashed.sqlite"))
        let contents = try await crashed.user(named: "ann").contents(of: conversation)
        #expect(contents == (0..<20).map(String.init))
        #expect(try await crashed.check() == [])
        try await crashed.close()
        try await store.close()
    }

    @Test func `a closed store refuses reads and writes, and closes twice`() async throws {
        let store = try ContextStore.make(at: directory.file())
        let ann = store.user(named: "ann")
        let conversation = try await ann.makeConversation()
        try await store.close()
        try await store.close()
        await #expect(throws: ContextStoreError.closed) { try await ann.makeConversation() }
        await #expect(throws: ContextStoreError.closed) {
            try await ann.conversation(conversation)
        }
    }

    @Test func `a session of an earlier version has its memory apart, and an ended one has none`()
        async throws
    {
        let path = directory.file()
        let old = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(old, upTo: "6 broadcasts")
        let configuration = """
            {"upstream":{"model":"m","instructions":"Be kind.\\n\\nU: keep secret."},\
            "instructions":"Be kind."}
            """
        try await old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO users (external_id, created_at) VALUES ('ann', 0);
                    INSERT INTO conversations (id, user_pk, metadata, created_at, updated_at)
                    VALUES ('conv_1', 1, '{}', 0, 0);
                    """
            )
            for (id, status) in [("sess_1", "active"), ("sess_2", "ended")] {
                try db.execute(
                    sql: """
                        INSERT INTO sessions (id, user_pk, conversation_pk, status, kind, transport,
                        model, secret_expires_at, maximum_duration_s, created_at, context,
                        configuration, metadata) VALUES (?, 1, 1, ?, 'realtime', 'webrtc', 'm', 0,
                        1, 0, '{}', ?, '{}')
                        """,
                    arguments: [id, status, configuration]
                )
            }
        }
        try old.close()
        let store = try ContextStore.make(at: path)
        let sessions = try await store.user().sessions(of: nil, PageRequest(order: .ascending))
        let plain: JSONObject = [
            "upstream": ["model": "m", "instructions": "Be kind."], "instructions": "Be kind.",
        ]
        var whole = plain
        whole[Session.memoryKey] = "U: keep secret."
        #expect(sessions.elements.map(\.configuration) == [whole, plain])
        try await store.close()
    }
}
