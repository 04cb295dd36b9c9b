internal import GRDB

/// What a write works with: the connection, and what is to happen once it is committed.
///
/// Lives on the writer's queue, for one transaction or for one request of it.
final class WriteContext {
    /// The writing connection, inside a transaction.
    let db: Database
    /// What was changed, to be told after the commit.
    private(set) var changes: Set<ConversationChange> = []
    /// Users that were looked up or made, to be remembered after the commit.
    private(set) var users: [UserID: Int64] = [:]
    /// Users who were deleted, and not made anew.
    private var forgotten: Set<UserID> = []

    init(_ db: Database) {
        self.db = db
    }

    /// Notes a change of a conversation's items.
    func noteChange(_ change: ConversationChange) {
        changes.insert(change)
    }

    /// Notes the number of a user.
    func noteUser(_ user: UserID, pk: Int64) {
        users[user] = pk
        forgotten.remove(user)
    }

    /// Forgets the number of a user who was deleted in this transaction.
    func forgetUser(_ user: UserID) {
        users[user] = nil
        forgotten.insert(user)
    }

    /// Takes over what another context noted.
    func absorb(_ other: WriteContext) {
        changes.formUnion(other.changes)
        for user in other.forgotten { forgetUser(user) }
        for (user, pk) in other.users { noteUser(user, pk: pk) }
    }
}
