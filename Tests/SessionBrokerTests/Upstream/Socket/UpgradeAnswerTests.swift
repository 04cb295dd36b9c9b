import Testing
import WebServer

@testable import SessionBroker

@Suite struct UpgradeAnswerTests {
    private enum Reading: Equatable {
        case incomplete
        case switched(accept: String?, rest: String)
        case refused(Int, String)
    }

    private static let switching =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept:  x \r\n\r\n"

    /// Reads pieces one after the other; nil stands for the end of the connection.
    private func read(_ pieces: [String?], limit: Int = 16_384) throws -> Reading {
        var answer = UpgradeAnswer(headLimitBytes: limit)
        for piece in pieces {
            let step = try piece.map { piece in
                try Array(piece.utf8).withUnsafeBytes { try answer.receive($0) }
            }
            switch try step ?? answer.end() {
            case .incomplete: continue
            case .switched(let headers, let rest):
                return .switched(
                    accept: headers["Sec-WebSocket-Accept"],
                    rest: String(decoding: rest, as: UTF8.self)
                )
            case .refused(let response):
                return .refused(response.status, String(decoding: response.body, as: UTF8.self))
            }
        }
        return .incomplete
    }

    @Test func `a 101 ends at its empty line, and the rest is not HTTP's`() throws {
        #expect(try read([Self.switching + "rest"]) == .switched(accept: "x", rest: "rest"))
    }

    @Test func `an answer may be cut anywhere`() throws {
        for text in [Self.switching, "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"] {
            let whole = try read([text])
            for cut in 1..<text.utf8.count {
                let (front, back) = (text.utf8.prefix(cut), text.utf8.dropFirst(cut))
                #expect(try read([String(front), String(back)]) == whole, "cut at \(cut)")
                #expect(try read([String(front)]) == .incomplete, "cut at \(cut)")
            }
        }
    }

    @Test func `lines may end without a carriage return`() throws {
        let text = Self.switching.replacing("\r\n", with: "\n")
        #expect(try read([text + "rest"]) == .switched(accept: "x", rest: "rest"))
    }

    @Test func `interim answers are passed over`() throws {
        let text = "HTTP/1.1 103 Early Hints\r\nSec-WebSocket-Accept: no\r\n\r\n" + Self.switching
        #expect(try read([text]) == .switched(accept: "x", rest: ""))
    }

    @Test(arguments: [
        ("Content-Length: 4\r\n\r\nbodyexcess", "body"),
        ("Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2;x=y\r\ndy\r\n0\r\n\r\n", "body"),
        ("Content-Length: 0\r\n\r\n", ""),
    ])
    func `a refusal's body ends where it says`(rest: String, body: String) throws {
        #expect(try read(["HTTP/1.1 403 No\r\n\(rest)"]) == .refused(403, body))
    }

    @Test(arguments: [
        "\r\nbody", "Content-Length: 9\r\n\r\nbody",
        "Transfer-Encoding: chunked\r\n\r\n9\r\nbody",
    ])
    func `a refusal's body ends with the connection at the latest`(rest: String) throws {
        let text = "HTTP/1.1 403 No\r\n\(rest)"
        #expect(try read([text]) == .incomplete)
        #expect(try read([text, nil]) == .refused(403, "body"))
    }

    @Test func `no more of a refusal's body is read than the limit`() throws {
        let body = String(repeating: "x", count: UpstreamRejection.bodyLimitBytes + 1)
        let expected = Reading.refused(500, String(body.dropLast()))
        #expect(try read(["HTTP/1.1 500 No\r\n\r\n\(body)"]) == expected)
    }

    @Test(arguments: [
        "S", "SSH-2.0-x\r\n", "HTTP/2 101", "HTTP/1.1 1x1 No\r\n", "HTTP/1.1 1010 No\r\n",
        "HTTP/1.1\r\n", "\r\n", "HTTP/1.1 099 No\r\n",
        "HTTP/1.1 101 Yes\r\nno colon\r\n\r\n", "HTTP/1.1 101 Yes\r\n: no name\r\n\r\n",
        "HTTP/1.1 101 Yes\r\nA: b\r\n folded: c\r\n\r\n",
    ])
    func `what is not HTTP is told at once`(text: String) {
        let error = #expect(throws: UpstreamSocketError.self) { try read([text]) }
        guard case .malformedAnswer = error else {
            Issue.record("\(text): \(String(describing: error))")
            return
        }
    }

    @Test func `a head may be as large as the limit, and not larger`() throws {
        let size = Self.switching.utf8.count
        #expect(try read([Self.switching], limit: size) == .switched(accept: "x", rest: ""))
        #expect(throws: UpstreamSocketError.headTooLarge(limitBytes: size - 1)) {
            try read([Self.switching], limit: size - 1)
        }
        #expect(throws: UpstreamSocketError.headTooLarge(limitBytes: 100)) {
            try read(["HTTP/1.1 101 \(String(repeating: "x", count: 100))"], limit: 100)
        }
    }

    @Test(arguments: ["", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"])
    func `a connection that ends within the head is lost`(text: String) {
        #expect(throws: UpstreamSocketError.connectionLost) {
            try read(text.isEmpty ? [nil] : [text, nil])
        }
    }
}
