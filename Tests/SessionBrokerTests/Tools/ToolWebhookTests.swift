import JSON
import Testing

@testable import SessionBroker

@Suite struct ToolWebhookTests {
    private func read(_ object: JSONObject) throws(JSONError) -> ToolWebhook {
        try ToolWebhook(JSONReader(object, path: "x_broker"))
    }

    @Test func `a URL is enough`() throws {
        let webhook = try read(["url": "https://tools.example/weather?key=1"])
        #expect(webhook.url == "https://tools.example/weather?key=1")
        #expect(webhook.origin == "https://tools.example")
        #expect(webhook.headers.isEmpty && webhook.timeout == .seconds(10))
    }

    @Test func `headers keep their order, and the timeout is in milliseconds`() throws {
        let webhook = try read([
            "url": "http://tools.example:8080/", "timeout_ms": 250,
            "headers": ["X-Team": "red", "Authorization": "Bearer of keys", "A": ""],
        ])
        #expect(webhook.headers.map(\.name) == ["X-Team", "Authorization", "A"])
        #expect(webhook.headers.map(\.value) == ["red", "Bearer of keys", ""])
        #expect(webhook.timeout == .milliseconds(250))
        #expect(webhook.origin == "http://tools.example:8080")
        #expect(try read(webhook.json.objectValue ?? [:]) == webhook)
    }

    @Test(arguments: [
        "", "tools.example", "ftp://tools.example", "https://", "https:///path", "file:///etc",
        "http://ann@tools.example", "http://ann:pass@tools.example", "http://@tools.example",
        "http://:@tools.example", "https://tools.example/#part", "https://tools.example/a b",
        "https://tools.example/\r\nX: y", "https://tööls.example", "http://tools.example:99999",
    ])
    func `what is not an address to call is refused`(url: String) {
        let error = #expect(throws: JSONError.self) { try read(["url": .string(url)]) }
        #expect(error?.param == "x_broker.url")
    }

    @Test(
        arguments: [
            (["headers": [:]], "url"), (["url": 1], "url"),
            (["url": "https://a", "colour": 1], "colour"),
            (["url": "https://a", "timeout_ms": 99], "timeout_ms"),
            (["url": "https://a", "timeout_ms": 30_001], "timeout_ms"),
            (["url": "https://a", "timeout_ms": "1000"], "timeout_ms"),
            (["url": "https://a", "headers": ["a"]], "headers"),
        ] as [(JSONObject, String)]
    )
    func `a wrong field is named`(object: JSONObject, param: String) {
        let error = #expect(throws: JSONError.self) { try read(object) }
        #expect(error?.param == "x_broker.\(param)")
    }

    @Test(arguments: [
        "Host", "content-length", "CONTENT-TYPE", "Connection", "Transfer-Encoding", "TE",
        "Upgrade", "Expect", "Webhook-Id", "webhook-anything", "Accept-Encoding", "", "a b",
        "a:b", "naïve", "line\r\nbreak",
    ])
    func `a header that is not the owner's to set is refused`(name: String) {
        let object: JSONObject = [
            "url": "https://a", "headers": .object(JSONObject(uniqueMembers: [(name, "value")])),
        ]
        let error = #expect(throws: JSONError.self) { try read(object) }
        #expect(error?.param == "x_broker.headers.\(name)")
    }

    @Test(arguments: [
        "two\nlines", "carriage\rreturn", "nul\u{0}", " spaced", "spaced ", "ünlike", "tab\t",
        String(repeating: "x", count: 4_097),
    ])
    func `a header's value that cannot be sent is refused, and not repeated`(value: String) {
        let object: JSONObject = ["url": "https://a", "headers": ["X-Key": .string(value)]]
        let error = #expect(throws: JSONError.self) { try read(object) }
        #expect(error?.param == "x_broker.headers.X-Key")
        #expect(error?.message.contains(value) == false)
    }

    @Test(
        arguments: [
            ["X-Key": 1], ["X-Key": nil], ["X-Key": "a", "x-key": "b"],
        ] as [JSONObject]
    )
    func `a header has one value, a text`(headers: JSONObject) {
        let object: JSONObject = ["url": "https://a", "headers": .object(headers)]
        let error = #expect(throws: JSONError.self) { try read(object) }
        #expect(error?.param?.lowercased() == "x_broker.headers.x-key")
    }

    @Test func `there may be sixteen headers`() throws {
        func headers(_ count: Int) -> JSONValue {
            .object(JSONObject(uniqueMembers: (0..<count).map { ("X-\($0)", "v") }))
        }
        #expect(try read(["url": "https://a", "headers": headers(16)]).headers.count == 16)
        let error = #expect(throws: JSONError.self) {
            try read(["url": "https://a", "headers": headers(17)])
        }
        #expect(error?.param == "x_broker.headers")
    }

    @Test func `a webhook is shown without values, and printed not at all`() throws {
        let webhook = try ToolWebhook.make(headers: ["X-Key": "open-sesame"])
        #expect(
            webhook.shown == [
                "url": "https://tools.example/weather", "headers": ["X-Key": "<redacted>"],
                "timeout_ms": 10_000,
            ]
        )
        var dumped = ""
        dump([webhook], to: &dumped)
        for text in ["\(webhook)", String(reflecting: webhook), "\([webhook])", dumped] {
            #expect(!text.contains("sesame") && !text.contains("tools.example"))
        }
    }

    @Test func `a header given as redacted keeps its stored value, at the same origin alone`()
        throws
    {
        let stored = try ToolWebhook.make(headers: ["X-Key": "one", "X-Other": "two"])
        let given = try ToolWebhook.make(
            "https://tools.example/forecast",
            headers: ["x-key": "<redacted>", "X-Other": "three"]
        )
        let kept = given.keepingHeaders(of: stored)
        #expect(kept.url == "https://tools.example/forecast")
        #expect(kept.headers.map(\.value) == ["one", "three"] && kept.keptHeader == nil)
        for other in ["https://evil.example/", "http://tools.example/", "https://tools.example:1/"]
        {
            let moved = try ToolWebhook.make(other, headers: ["X-Key": "<redacted>"])
            #expect(moved.keepingHeaders(of: stored).keptHeader?.name == "X-Key")
        }
        #expect(given.keepingHeaders(of: nil).keptHeader?.name == "x-key")
    }

    @Test(arguments: [
        ("https://a.example", "https://a.example"),
        ("HTTPS://A.example:443/x?y", "https://A.example"),
        ("http://a:8080", "http://a:8080"), ("http://[::1]:80/", "http://[::1]"),
        ("http://127.1", "http://127.0.0.1"),
    ])
    func `an origin is scheme, host and port`(url: String, origin: String) throws {
        #expect(try ToolWebhook.make(url).origin == origin)
    }
}
