internal import ContextStore
internal import JSON
internal import WebServer

extension HTTPRequest {
    /// The page that a list request asks for (api.md, 2).
    ///
    /// - Throws: `JSONError` naming the parameter that is wrong.
    func page<Kind>(
        order: PageRequest<Identifier<Kind>>.Order
    ) throws(JSONError) -> PageRequest<Identifier<Kind>> {
        PageRequest(
            limit: try limit(),
            order: try sortOrder(order),
            after: try cursor("after"),
            before: try cursor("before")
        )
    }

    private func limit() throws(JSONError) -> Int {
        try queryInteger("limit", in: 1...100) ?? 20
    }

    private func sortOrder<Order: RawRepresentable & CaseIterable>(
        _ fallback: Order
    ) throws(JSONError) -> Order where Order.RawValue == String {
        try queryChoice("order") ?? fallback
    }

    private func cursor<Kind>(_ name: String) throws(JSONError) -> Identifier<Kind>? {
        guard let text = query[name] else { return nil }
        guard let id = Identifier<Kind>(text) else {
            throw JSONError(
                code: "invalid_value",
                message: "'\(name)' must be an id like '\(Kind.object.prefix)…'.",
                param: name
            )
        }
        return id
    }

    /// One of the words that a query parameter may have; nil when it is not given.
    ///
    /// - Throws: `JSONError` for another word.
    func queryChoice<Choice: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(JSONError) -> Choice? where Choice.RawValue == String {
        guard let text = query[name] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw JSONError(
                code: "invalid_value",
                message: "'\(name)' must be one of \(known).",
                param: name
            )
        }
        return choice
    }

    /// Whether a query parameter is `1` or `true`; false when it is not given.
    ///
    /// - Throws: `JSONError` for another word than these and their opposites.
    func queryFlag(_ name: String) throws(JSONError) -> Bool {
        switch query[name] {
        case "1", "true": return true
        case nil, "0", "false": return false
        default:
            throw JSONError(
                code: "invalid_value",
                message: "'\(name)' must be 'true' or 'false'.",
                param: name
            )
        }
    }

    /// A whole number in the query; nil when it is not given.
    ///
    /// - Throws: `JSONError` when it is no number, or out of its range.
    func queryInteger(
        _ name: String,
        in range: ClosedRange<Int>
    ) throws(JSONError) -> Int? {
        guard let text = query[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw JSONError(
                code: "invalid_value",
                message: "'\(name)' must be \(range.lowerBound) to \(range.upperBound).",
                param: name
            )
        }
        return number
    }

    /// A time in the query, in Unix seconds.
    ///
    /// - Throws: `JSONError` when it is none.
    func queryTime(_ name: String) throws(JSONError) -> Timestamp? {
        guard let text = query[name] else { return nil }
        guard let time = Double(text).flatMap(Timestamp.init(seconds:)) else {
            throw JSONError(
                code: "invalid_value",
                message: "'\(name)' must be Unix seconds.",
                param: name
            )
        }
        return time
    }

    /// The id in a path parameter; one that cannot exist reads as an unknown one.
    ///
    /// - Throws: `HTTPError` 404.
    func pathID<Kind>() throws(HTTPError) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(pathParameters["id"] ?? "") else { throw .objectNotFound }
        return id
    }

    /// An id in the query.
    ///
    /// - Throws: `JSONError` when it is no id of that kind.
    func queryID<Kind>(_ name: String) throws(JSONError) -> Identifier<Kind>? {
        try cursor(name)
    }
}

extension HTTPError {
    /// 404, the same whether an object never was, is gone, or is another user's.
    static let objectNotFound = HTTPError(
        status: 404,
        code: "not_found",
        message: "There is no such object."
    )
}
