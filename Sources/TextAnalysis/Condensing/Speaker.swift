/// Who says something in a conversation with a model.
public enum Speaker: Int, Sendable, Hashable {
    /// The person.
    case user
    /// The model.
    case assistant
}
