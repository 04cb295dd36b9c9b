import WebServer

extension [FakeUpstream.Step] {
    /// A whole answer with a body of text.
    static func answer(
        _ status: Int,
        _ body: String = "",
        headers: [String] = ["Content-Type: application/json"]
    ) -> [FakeUpstream.Step] {
        let lines =
            ["HTTP/1.1 \(status) Status"] + headers + [
                "Content-Length: \(body.utf8.count)", "", body,
            ]
        return [.send([UInt8](lines.joined(separator: "\r\n").utf8))]
    }

    /// Any bytes, then the end of the connection.
    static func raw(_ text: String) -> [FakeUpstream.Step] {
        [.send([UInt8](text.utf8)), .close]
    }
}

/// Runs a client against a fake server, and ends both.
@discardableResult
func withFakeUpstream<Result>(
    _ script: @escaping FakeUpstream.Script,
    _ body: (FakeUpstream) async throws -> Result
) async throws -> Result {
    let upstream = try FakeUpstream(script)
    defer { upstream.stop() }
    return try await body(upstream)
}
