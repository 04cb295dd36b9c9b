internal import Captions
internal import ContextStore
internal import JSON
internal import WebServer

/// The ways to speak and to listen (api.md, 8).
struct BroadcastSocketRoutes: Sendable {
    let admission: ListenerAdmission
    let broadcasts: Broadcasts

    var routes: [Route] {
        [
            Route(.get, "/api/broadcasts/{id}/speak", handler: speak),
            Route(.get, "/api/broadcasts/{id}/listen", handler: listen),
            Route(.get, "/api/broadcasts/{id}/events", handler: events),
        ]
    }

    private func speak(_ request: HTTPRequest) async throws -> HTTPResponse {
        // Nothing is done for what is no handshake.
        _ = try WebSocketHandshake(request, subprotocols: ["realtime"], allowsDeflate: false)
        let (owned, caller) = try await admission.ownBroadcast(request)
        let resampler = SendableResampler(try Self.resampler(request))
        guard owned.broadcast.status != .ended else {
            throw HTTPError(
                status: 409,
                code: "broadcast_ended",
                message: "The broadcast has ended."
            )
        }
        try refuseWhileStopping()
        var configuration = WebSocketConfiguration()
        configuration.maximumMessageBytes = SpeakerSide.messageLimitBytes
        var response = try WebSocketUpgrade.response(
            to: request,
            subprotocols: ["realtime"],
            on: broadcasts.loop(of: owned.broadcast.id),
            configuration: configuration
        ) { [broadcasts] in
            SpeakerSide(broadcasts, owned, resampler.value)
        }
        if let cookie = caller.identity.setCookie { response.headers.add("Set-Cookie", cookie) }
        return response
    }

    private static func resampler(_ request: HTTPRequest) throws -> Resampler {
        let rate = request.query["rate"].map { Int($0) ?? 0 } ?? Resampler.targetRate
        guard let resampler = Resampler(rate: rate) else {
            let rates = Resampler.rates.map(String.init).joined(separator: ", ")
            throw JSONError(
                code: "invalid_value",
                message: "'rate' must be one of \(rates).",
                param: "rate"
            )
        }
        return resampler
    }

    private func listen(_ request: HTTPRequest) async throws -> HTTPResponse {
        _ = try WebSocketHandshake(request, subprotocols: ["realtime"], allowsDeflate: false)
        // Browsers let any page open any WebSocket.
        try admission.callers.authenticator.checkOrigin(of: request)
        let owned = try await admission.broadcast(request)
        let wish = try wish(request, owned.broadcast)
        try refuseWhileStopping()
        var configuration = WebSocketConfiguration()
        configuration.maximumMessageBytes = 4_096
        // Its room looks after all listeners at once.
        configuration.pingInterval = nil
        configuration.sendBufferBytes = ListenerRule.systemBytes
        return try WebSocketUpgrade.response(
            to: request,
            subprotocols: ["realtime"],
            on: broadcasts.nextLoop(),
            configuration: configuration
        ) { [broadcasts] in
            Listener(broadcasts, owned, wish)
        }
    }

    private func events(_ request: HTTPRequest) async throws -> HTTPResponse {
        let owned = try await admission.broadcast(request)
        let wish = try wish(request, owned.broadcast)
        // Browsers come back until they are told that there is nothing more.
        if owned.broadcast.status == .ended, try await hasAll(wish, owned) {
            return HTTPResponse(status: 204)
        }
        try refuseWhileStopping()
        return EventStream.response(
            to: request,
            on: broadcasts.nextLoop(),
            sendBufferBytes: ListenerRule.systemBytes
        ) { [broadcasts] in
            Listener(broadcasts, owned, wish)
        }
    }

    private func hasAll(_ wish: Listener.Wish, _ owned: OwnedBroadcast) async throws -> Bool {
        guard let mark = wish.mark, mark.language == wish.language else { return false }
        let tracks = try await admission.callers.store.user(owned.user).tracks(
            of: owned.broadcast.id
        )
        return (tracks.first { $0.language == mark.language }?.lastNumber ?? 0) <= mark.number
    }

    private func wish(_ request: HTTPRequest, _ broadcast: Broadcast) throws -> Listener.Wish {
        let text = request.headers["Last-Event-ID"] ?? request.query["after"]
        let mark = text.flatMap(EventMark.init)
        guard mark != nil || text == nil || text?.isEmpty == true else {
            throw JSONError(
                code: "invalid_value",
                message: "'after' must be the id of an event, such as 'es.12'.",
                param: "after"
            )
        }
        return Listener.Wish(
            language: try broadcast.language(request),
            mark: mark,
            wantsAudio: request.query["audio"] == "1",
            tokenHash: ListenerAdmission.tokenHash(request, broadcast)
        )
    }

    private func refuseWhileStopping() throws(HTTPError) {
        guard !broadcasts.isShutDown else { throw .overloaded("The broker is stopping.") }
    }
}

/// Takes a resampler to the loop that will own it.
///
/// `@unchecked Sendable` because nobody else has it.
private struct SendableResampler: @unchecked Sendable {
    let value: Resampler

    init(_ value: Resampler) { self.value = value }
}
