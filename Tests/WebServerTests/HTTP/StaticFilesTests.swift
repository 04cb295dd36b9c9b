import Foundation
import Testing

@testable import WebServer

@Suite final class StaticFilesTests {
    private let folder: URL
    private let files: StaticFiles
    private let page = String(repeating: "<p>hello</p>", count: 200)

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("static-\(UUID().uuidString)")
        let root = folder.appendingPathComponent("public")
        let inner = root.appendingPathComponent("js")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        try Data(page.utf8).write(to: root.appendingPathComponent("index.html"))
        try Data("0123456789".utf8).write(to: inner.appendingPathComponent("main.js"))
        let docs = root.appendingPathComponent("docs")
        try FileManager.default.createDirectory(at: docs, withIntermediateDirectories: true)
        try Data("docs".utf8).write(to: docs.appendingPathComponent("index.html"))
        try Data("secret".utf8).write(to: root.appendingPathComponent(".env"))
        try Data("outside".utf8).write(to: folder.appendingPathComponent("outside.txt"))
        try Data(repeating: 7, count: 3_000_000).write(to: root.appendingPathComponent("big.bin"))
        files = StaticFiles(root: root.path)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func status(_ path: String, _ headers: HTTPHeaders = [:]) -> Int {
        do {
            return try files.respond(to: .make(.get, path, headers: headers)).status
        } catch {
            return (error as? HTTPError)?.status ?? 0
        }
    }

    @Test func `a file is served with its type and a tag`() throws {
        let response = try files.respond(to: .make(.get, "/js/main.js"))
        #expect(response.text == "0123456789")
        #expect(response.headers["Content-Type"] == "text/javascript; charset=utf-8")
        let tag = try #require(response.headers["ETag"])
        #expect(status("/js/main.js", ["If-None-Match": tag]) == 304)
        #expect(status("/js/main.js", ["If-None-Match": "W/\(tag), \"x\""]) == 304)
        #expect(status("/js/main.js", ["If-None-Match": "\"x\""]) == 200)
    }

    @Test func `a folder is its index page`() throws {
        #expect(try files.respond(to: .make(.get, "/")).text == page)
        #expect(status("/js/") == 404)
        #expect(status("/js") == 404)
        #expect(try files.respond(to: .make(.get, "/docs/")).text == "docs")
        let response = try files.respond(to: .make(.get, "/docs"))
        #expect(response.status == 308 && response.headers["Location"] == "docs/")
    }

    @Test(arguments: [
        "/../outside.txt", "/%2e%2e/outside.txt", "/js/../../outside.txt",
        "/js/..%2f..%2foutside.txt",
        "/.env", "/js//main.js", "//etc/passwd", "/js/%2e%2e/%2e%2e/outside.txt", "/nothing.html",
    ])
    func `nothing outside of the folder is there`(path: String) {
        #expect(status(path) == 404)
    }

    @Test(arguments: [
        ("bytes=2-4", 206, "234"), ("bytes=7-", 206, "789"), ("bytes=-3", 206, "789"),
        ("bytes=0-99", 206, "0123456789"),
        ("bytes=4-2", 200, "0123456789"), ("lines=1-2", 200, "0123456789"),
        ("bytes=0-1,4-5", 200, "0123456789"), ("bytes=x-", 200, "0123456789"),
    ])
    func `a range is served as RFC 9110 says`(range: String, status: Int, text: String) throws {
        let request = HTTPRequest.make(.get, "/js/main.js", headers: ["Range": range])
        let response = try files.respond(to: request)
        #expect(response.status == status)
        #expect(response.text == text)
    }

    @Test(arguments: ["bytes=10-", "bytes=-0"])
    func `a range behind the end is refused in the one form`(range: String) {
        let request = HTTPRequest.make(.get, "/js/main.js", headers: ["Range": range])
        let error = #expect(throws: HTTPError.self) { try files.respond(to: request) }
        #expect(error?.status == 416 && error?.code == "range_not_satisfiable")
        #expect(error?.headers["Content-Range"] == "bytes */10")
    }

    @Test func `a range of another version is the whole file`() throws {
        let headers: HTTPHeaders = ["Range": "bytes=0-1", "If-Range": "\"old\""]
        #expect(status("/js/main.js", headers) == 200)
    }

    @Test func `a large file streams`() async throws {
        let response = try files.respond(to: .make(.get, "/big.bin"))
        guard case .stream(let stream) = response.body else {
            Issue.record("not a stream")
            return
        }
        #expect(try await stream.collect() == [UInt8](repeating: 7, count: 3_000_000))
    }

    @Test func `text is compressed for those who take it`() async throws {
        let files = files
        var application = HTTPApplication.make([])
        application.fallback = { try files.respond(to: $0) }
        let plain = await application.respond(to: .make(.get, "/"))
        let small = await application.respond(
            to: .make(.get, "/", headers: ["Accept-Encoding": "br, gzip"])
        )
        #expect(plain.headers["Content-Encoding"] == nil)
        #expect(small.headers["Content-Encoding"] == "gzip")
        #expect((small.bytes?.count ?? .max) < page.utf8.count / 4)
        #expect(small.bytes?.prefix(2) == [0x1F, 0x8B])
        #expect(small.headers["ETag"]?.hasPrefix("W/") == true)
    }
}
