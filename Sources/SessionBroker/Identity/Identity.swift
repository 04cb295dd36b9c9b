internal import ContextStore

/// Who makes a request, and for whom.
struct Identity: Sendable, Equatable {
    /// How the caller was recognised, which decides what it may do.
    enum Kind: Sendable, Equatable {
        /// A server with a service key: trusted, acts for the user it names.
        case service
        /// A user with a token of the operator's identity provider.
        case endUser
        /// A browser without credentials, known again by its cookie.
        case anonymous
    }

    /// The user whose data is read and written.
    let userID: UserID
    /// How the caller was recognised.
    let kind: Kind
    /// The value of a `Set-Cookie` field that the answer must carry; nil for none.
    let setCookie: String?
}
