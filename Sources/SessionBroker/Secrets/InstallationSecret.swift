/// The secret that lies beside a database, for the operator's commands.
///
/// A copy of the database is of little use without it: who its anonymous users are, what it sealed and
/// what it signed hang on it.
public enum InstallationSecret {
    /// Copies the secret of a database beside a copy of the database; an earlier one there is replaced.
    ///
    /// - Returns: Where the copy is, readable by its owner alone; nil when the database has none yet.
    /// - Throws: An error that says what to do, as when others may read the secret.
    public static func copy(fromBeside database: String, toBeside copy: String) throws -> String? {
        let original = SecretFile(path: Keyring.path(besideDatabase: database))
        let new = SecretFile(path: Keyring.path(besideDatabase: copy))
        try new.replace(withCopyOf: original)
        return new.exists ? new.path : nil
    }
}
