internal import Captions
internal import ContextStore
internal import JSON
internal import WebServer

/// Broadcasts and what was said in them (api.md, 8).
struct BroadcastRoutes: Sendable {
    let callers: CallerRoutes
    let idempotency: Idempotency
    let broadcasts: Broadcasts
    let admission: ListenerAdmission

    var routes: [Route] {
        [
            callers.route(.post, "/api/broadcasts", handler: create),
            callers.route(.get, "/api/broadcasts", handler: list),
            Route(.get, "/api/broadcasts/{id}", handler: get),
            callers.route(.delete, "/api/broadcasts/{id}", handler: delete),
            callers.route(.post, "/api/broadcasts/{id}/end", handler: end),
            callers.route(.post, "/api/broadcasts/{id}/token", handler: replaceToken),
            Route(.get, "/api/broadcasts/{id}/qr.svg", handler: qrCode),
            Route(.get, "/api/broadcasts/{id}/segments", handler: segments),
            Route(.get, "/api/broadcasts/{id}/export", handler: export),
        ]
    }

    private func create(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        var settings = try BroadcastRequest(request.reader()).settings
        let token = settings.access == .token ? try ListenToken.make() : nil
        settings.tokenHash = try token.map(ListenToken.hash)
        let new = settings
        return try await idempotency.run(
            request,
            caller,
            present: { broadcast in
                var json = broadcast.json(of: request)
                json["listen_token"] = .optional(token?.plaintext)
                return .secret(.object(json), status: 201)
            }
        ) {
            try await caller.store.createBroadcast(new, once: $0)
        }
    }

    private func list(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let page = try await caller.store.broadcasts(request.page(order: .descending))
        return .json(page.json(id: \.id.text) { .object($0.json(of: request)) })
    }

    private func get(_ request: HTTPRequest) async throws -> HTTPResponse {
        let owned = try await admission.broadcast(request)
        let tracks = try await callers.store.user(owned.user).tracks(of: owned.broadcast.id)
        var json =
            try await admission.isOwner(request, of: owned)
            ? owned.broadcast.json(of: request) : owned.broadcast.publicJSON(of: request)
        json["segments"] = .array(
            owned.broadcast.settings.allLanguages.map { language -> JSONValue in
                let track = tracks.first { $0.language == language }
                return [
                    "language": .string(language), "count": .integer(track?.count ?? 0),
                    "last_sequence": .integer(track?.lastSequence ?? 0),
                    "end_ms": .integer(track?.coveredMs ?? 0),
                ]
            }
        )
        return .json(.object(json))
    }

    private func delete(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        let id: BroadcastID = try request.pathID()
        try await caller.store.deleteBroadcast(id)
        broadcasts.remove(id)
        return .deleted(id: id.text, object: "broadcast")
    }

    private func end(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        try request.reader().finish()
        let broadcast = try await caller.store.broadcast(request.pathID())
        let owned = OwnedBroadcast(user: caller.identity.userID, broadcast: broadcast)
        return try await idempotency.run(
            request,
            caller,
            present: { .json(.object($0.json(of: request))) }
        ) {
            try await broadcasts.end(owned, reason: "client_request", once: $0)
        }
    }

    // MARK: Inviting

    private func replaceToken(_ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse
    {
        try request.reader().finish()
        let id: BroadcastID = try request.pathID()
        let token = try ListenToken.make()
        let hash = try ListenToken.hash(token)
        return try await idempotency.run(
            request,
            caller,
            present: { broadcast in
                .secret([
                    "id": .string(broadcast.id.text), "object": "broadcast.token",
                    "listen_token": .string(token.plaintext),
                ])
            }
        ) {
            let answer = try await caller.store.replaceTokenHash(hash, of: id, once: $0)
            if let broadcast = answer.value {
                broadcasts.tokenReplaced(
                    OwnedBroadcast(user: caller.identity.userID, broadcast: broadcast)
                )
            }
            return answer
        }
    }

    /// The address for listeners, with the token that the request shows, to be read off a screen.
    private func qrCode(_ request: HTTPRequest) async throws -> HTTPResponse {
        let owned = try await admission.broadcast(request)
        var url = owned.broadcast.pageURL(of: request)
        if let token = ListenToken.of(request) {
            url += "?token=\(token.plaintext)"
        } else if owned.broadcast.settings.access == .token {
            throw HTTPError(
                status: 409,
                code: "token_required",
                message: "The code would open nothing: give the listen token, or make a new one."
            )
        }
        guard let code = QRCode(url) else {
            throw JSONError(code: "invalid_value", message: "The address is too long for a code.")
        }
        var response = HTTPResponse(status: 200, body: .bytes(Array(code.svg.utf8)))
        response.headers["Content-Type"] = "image/svg+xml"
        response.headers["Cache-Control"] = "no-store"
        return response
    }

    // MARK: What was said

    private func segments(_ request: HTTPRequest) async throws -> HTTPResponse {
        let owned = try await admission.broadcast(request)
        try refuseOtherOrders(request)
        let page = try await callers.store.user(owned.user).captions(
            of: owned.broadcast.id,
            language: try owned.broadcast.language(request),
            after: try request.queryInteger("after", in: 0...1_000_000_000).map(Int64.init) ?? 0,
            limit: try request.queryInteger("limit", in: 1...100) ?? 20
        )
        return .json(page.json(id: { String($0.caption.sequence) }, element: \.json))
    }

    /// What was said is listed from its beginning on.
    private func refuseOtherOrders(_ request: HTTPRequest) throws(JSONError) {
        if request.query["before"] != nil {
            throw JSONError(
                code: "invalid_value",
                message: "Segments are listed from the first on: 'before' is not known here.",
                param: "before"
            )
        }
        guard let order = request.query["order"], order != "asc" else { return }
        throw JSONError(
            code: "invalid_value",
            message: "Segments are listed from the first on: 'order' can only be 'asc'.",
            param: "order"
        )
    }

    private func export(_ request: HTTPRequest) async throws -> HTTPResponse {
        let owned = try await admission.broadcast(request)
        let format = try CaptionFormat(request)
        let language = try owned.broadcast.language(request)
        let store = callers.store.user(owned.user)
        var response = HTTPResponse.stream(
            ResponseStream { stream in
                try await write(owned.broadcast, language, format, store, to: stream)
            },
            contentType: format.contentType
        )
        response.headers["Content-Disposition"] =
            "attachment; filename=\"\(owned.broadcast.id.text).\(language).\(format.rawValue)\""
        return response
    }

    private func write(
        _ broadcast: Broadcast,
        _ language: String,
        _ format: CaptionFormat,
        _ store: UserStore,
        to stream: ResponseStream
    ) async throws {
        var writer = CaptionWriter(format, of: broadcast, language)
        try await stream.write(Array(writer.opening().utf8))
        var last: Int64 = 0
        while true {
            let page = try await store.captions(
                of: broadcast.id,
                language: language,
                after: last,
                limit: 500
            )
            var text = ""
            for stored in page.elements { text += writer.next(stored) }
            if !text.isEmpty { try await stream.write(Array(text.utf8)) }
            last = page.elements.last?.caption.sequence ?? last
            if !page.hasMore { break }
        }
        try await stream.write(Array(writer.closing().utf8))
    }
}

extension Broadcast {
    /// The language that a request asks for; the source without one.
    ///
    /// - Throws: `JSONError` for one that the broadcast does not have.
    func language(_ request: HTTPRequest) throws(JSONError) -> String {
        guard let language = request.query["language"] else { return settings.sourceLanguage }
        guard settings.allLanguages.contains(language) else {
            throw JSONError(
                code: "invalid_value",
                message: "The broadcast does not have this language.",
                param: "language"
            )
        }
        return language
    }

    /// The page for listeners; all that is behind `#` stays in the browser, a token too.
    func pageURL(of request: HTTPRequest) -> String {
        "\(request.origin)/listen.html#\(id.text)"
    }

    /// The broadcast as its owner sees it, less its token.
    func json(of request: HTTPRequest) -> JSONObject {
        var json = publicJSON(of: request)
        json["conversation_id"] = .string(conversationID.text)
        json["metadata"] = .object(settings.metadata)
        return json
    }

    /// What everybody who may listen sees of the broadcast.
    func publicJSON(of request: HTTPRequest) -> JSONObject {
        let base = "\(request.origin)/api/broadcasts/\(id.text)"
        let socket = "ws" + base.dropFirst(4)
        return JSONObject(uniqueMembers: [
            ("id", .string(id.text)), ("object", "broadcast"),
            ("title", .string(settings.title)), ("status", .string(status.rawValue)),
            ("mode", .string(settings.mode.rawValue)),
            ("source_language", .string(settings.sourceLanguage)),
            ("languages", .array(settings.languages.map(JSONValue.string))),
            ("audio", .bool(settings.hasAudio)), ("access", .string(settings.access.rawValue)),
            ("speak_url", .string("\(socket)/speak")), ("listen_url", .string("\(socket)/listen")),
            ("events_url", .string("\(base)/events")),
            ("page_url", .string(pageURL(of: request))),
            ("created_at", createdAt.json), ("started_at", startedAt?.json ?? .null),
            ("ended_at", endedAt?.json ?? .null), ("end_reason", .optional(endReason)),
        ])
    }
}

extension StoredCaption {
    /// The caption as lists have it.
    var json: JSONValue {
        var json: JSONObject = ["object": "broadcast.segment"]
        json = json.merging(caption.json)
        json["created_at"] = createdAt.json
        return .object(json)
    }
}
