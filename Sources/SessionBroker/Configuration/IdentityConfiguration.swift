/// Who is let in, and how they prove who they are.
public struct IdentityConfiguration: Sendable {
    /// Keys of trusted servers.
    public var serviceKeys: [String]
    /// Secret of end users' JWTs (HS256).
    public var jwtSecret: String?
    /// Where the public keys of end users' JWTs are.
    public var jwksURL: String?
    /// For whom end users' JWTs must be; nil for anybody.
    public var jwtAudience: String?
    /// Who must have issued end users' JWTs; nil for anybody.
    public var jwtIssuer: String?
    /// Whether browsers get in without credentials; nil means on loopback only.
    public var allowsAnonymous: Bool?

    /// Makes a configuration from its parts.
    public init(
        serviceKeys: [String] = [],
        jwtSecret: String? = nil,
        jwksURL: String? = nil,
        jwtAudience: String? = nil,
        jwtIssuer: String? = nil,
        allowsAnonymous: Bool? = nil
    ) {
        self.serviceKeys = serviceKeys
        self.jwtSecret = jwtSecret
        self.jwksURL = jwksURL
        self.jwtAudience = jwtAudience
        self.jwtIssuer = jwtIssuer
        self.allowsAnonymous = allowsAnonymous
    }
}
