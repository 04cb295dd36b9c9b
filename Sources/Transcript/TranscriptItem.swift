/// One entry of a transcript, whole: what a store needs to insert or to replace it.
public struct TranscriptItem: Sendable, Equatable {
    /// What an item is.
    public enum Kind: Sendable, Equatable, Hashable {
        case message
        case functionCall
        case functionCallOutput
        case mcpListTools
        case mcpCall
        case mcpApprovalRequest
        case mcpApprovalResponse
        /// Something that this version does not know, by its provider's name.
        case other(String)
    }

    /// Who a message is from.
    public enum Role: String, Sendable {
        case user
        case assistant
        case system
    }

    /// How far an item has come.
    public enum Status: String, Sendable {
        /// More follows: text of an answer, or the transcript of what the user said.
        case inProgress = "in_progress"
        case completed
        /// It was cut: interrupted, failed, or the connection ended.
        case incomplete
    }

    /// What a part of a message is.
    public enum ContentKind: String, Sendable {
        case text
        case audio
        case image
    }

    /// What calls and their results have instead of a text; nil is what does not apply.
    public struct Call: Sendable, Equatable {
        /// The function or tool.
        public var name: String?
        /// What ties an output to its call.
        public var callID: String?
        /// The arguments as they were sent, odd whitespace included.
        public var arguments: String?
        /// The result.
        public var output: String?
        /// The server of an MCP item.
        public var serverLabel: String?
        /// Why an MCP call failed.
        public var error: String?
        /// The names of the tools that an MCP server listed.
        public var toolNames: [String]?
        /// The request that an MCP approval or call refers to.
        public var approvalRequestID: String?
        /// Whether an MCP call was approved.
        public var isApproved: Bool?

        /// A call of which nothing is known but what is given.
        public init(
            name: String? = nil,
            callID: String? = nil,
            arguments: String? = nil,
            output: String? = nil
        ) {
            self.name = name
            self.callID = callID
            self.arguments = arguments
            self.output = output
        }
    }

    /// The provider's id.
    public let id: String
    /// Where it stands; never behind an item that was left out of the transcript.
    public var predecessor: ItemPredecessor = .unknown
    /// What it is.
    public var kind: Kind = .message
    /// Who a message is from.
    public var role: Role?
    /// A message's text, its parts joined by line breaks; empty for all else.
    public var content = ""
    /// What the parts of a message are.
    public var contentKinds: [ContentKind] = []
    /// How far it has come.
    public var status: Status = .completed
    /// What is known of a call.
    public var call = Call()
    /// When it was first heard of, on the reducer's clock.
    public var firstSeenAt: Duration = .zero
    /// The response that it is part of.
    public var responseID: String?
    /// Which part of an answer it is: `commentary` or `final_answer`.
    public var phase: String?
    /// How much of an answer's audio was heard, when the provider cut the rest.
    public var audioEndMs: Int?
    /// How much of an answer's audio was heard, when only the player told.
    public var audioHeardMs: Int?
    /// The part of ``content`` that was heard, when it was not all of it and can be told.
    public var heardText: String?
    /// Whether ``heardText`` is reckoned from how long the audio lasts, not known.
    public var isHeardTextEstimated = false
    /// Why speech has no transcript: the error's code, or `none`.
    public var transcriptionError: String?
    /// What was understood of speech that has no transcript.
    public var partialTranscript: String?
    /// The mean probability of a transcript's tokens, 0…1.
    public var confidence: Double?
    /// From the end of the user's turn to the first audio of the answer.
    public var timeToFirstAudioMs: Int?

    /// An item by its id.
    public init(id: String) {
        self.id = id
    }
}
