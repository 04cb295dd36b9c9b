/// One entry of the route table: a method and a path, and who answers.
public struct Route: Sendable {
    /// Answers a request, or throws an ``HTTPError`` or a `JSONError`.
    public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse

    let method: HTTPMethod
    let pattern: [Segment]
    let consumes: [String]
    let deadline: Duration?
    let handler: Handler
    /// The path as it was written, for example `/api/conversations/{id}`.
    public let path: String

    /// Makes a route.
    ///
    /// - Parameters:
    ///   - method: The method; GET answers HEAD too.
    ///   - path: The path; a `{name}` segment matches any one segment.
    ///   - consumes: Media types of bodies that the handler reads.
    ///   - deadline: The time that the handler has; nil for the server's default.
    ///   - handler: Who answers.
    public init(
        _ method: HTTPMethod,
        _ path: String,
        consumes: [String] = ["application/json"],
        deadline: Duration? = nil,
        handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.consumes = consumes
        self.deadline = deadline
        self.handler = handler
        pattern = path.split(separator: "/", omittingEmptySubsequences: false).map(Segment.init)
    }

    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)

        init(_ text: Substring) {
            self =
                text.hasPrefix("{") && text.hasSuffix("}")
                ? .parameter(String(text.dropFirst().dropLast())) : .literal(String(text))
        }
    }
}

/// Finds the route of a request; pure, built once.
public struct Router: Sendable {
    /// What was found for a method and a path.
    enum Match {
        case found(Route, parameters: [String: String])
        case methodNotAllowed(allowed: [HTTPMethod])
        case notFound
    }

    /// All routes, in the order given.
    public let routes: [Route]
    private let root: Node

    /// Builds the table.
    public init(_ routes: [Route]) {
        self.routes = routes
        let root = Node()
        for route in routes { root.insert(route, at: route.pattern[...]) }
        self.root = root
    }

    /// The methods that a path answers to; nil when no route has it.
    func allowedMethods(rawPath: String) -> [HTTPMethod]? {
        var values: [String] = []
        let segments = rawPath.split(separator: "/", omittingEmptySubsequences: false)
        return root.find(segments[...], values: &values)?.allowedMethods
    }

    func match(_ method: HTTPMethod, rawPath: String) -> Match {
        let segments = rawPath.split(separator: "/", omittingEmptySubsequences: false)
        var values: [String] = []
        guard let node = root.find(segments[...], values: &values) else { return .notFound }
        guard let route = node.routes[method] ?? (method == .head ? node.routes[.get] : nil) else {
            return .methodNotAllowed(allowed: node.allowedMethods)
        }
        var parameters: [String: String] = [:]
        for segment in route.pattern {
            guard case .parameter(let name) = segment else { continue }
            guard let value = PercentCoding.decode(values.removeFirst().utf8) else {
                return .notFound
            }
            parameters[name] = value
        }
        return .found(route, parameters: parameters)
    }

    /// The part of the table behind one path prefix.
    ///
    /// `@unchecked Sendable` because it is only changed while ``Router/init(_:)`` builds it.
    private final class Node: @unchecked Sendable {
        private var literals: [Substring: Node] = [:]
        private var parameter: Node?
        private(set) var routes: [HTTPMethod: Route] = [:]

        var allowedMethods: [HTTPMethod] {
            HTTPMethod.allCases.filter {
                routes[$0] != nil || $0 == .options || ($0 == .head && routes[.get] != nil)
            }
        }

        func insert(_ route: Route, at pattern: ArraySlice<Route.Segment>) {
            guard let segment = pattern.first else {
                precondition(routes[route.method] == nil, "route \(route.path) is there twice")
                routes[route.method] = route
                return
            }
            child(for: segment).insert(route, at: pattern.dropFirst())
        }

        private func child(for segment: Route.Segment) -> Node {
            switch segment {
            case .literal(let text):
                let child = literals[Substring(text)] ?? Node()
                literals[Substring(text)] = child
                return child
            case .parameter:
                let child = parameter ?? Node()
                parameter = child
                return child
            }
        }

        /// The node of a path that has routes; literal segments win over parameters.
        func find(_ segments: ArraySlice<Substring>, values: inout [String]) -> Node? {
            guard let segment = segments.first else { return routes.isEmpty ? nil : self }
            let rest = segments.dropFirst()
            if let node = literals[segment]?.find(rest, values: &values) { return node }
            guard let parameter, !segment.isEmpty else { return nil }
            values.append(String(segment))
            if let node = parameter.find(rest, values: &values) { return node }
            values.removeLast()
            return nil
        }
    }
}
