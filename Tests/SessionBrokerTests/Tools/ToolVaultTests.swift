import ContextStore
import JSON
import Testing
import WebServer

@testable import SessionBroker

@Suite struct ToolVaultTests {
    private let vault: ToolVault
    private let hook: JSONValue = [
        "url": "https://tools.example/weather", "headers": ["X-Key": "open-sesame"],
    ]

    init() throws {
        vault = try ToolVault(keyring: Keyring(master: .make(1)))
    }

    @Test func `a sealed tool shows nothing of its webhook, and opens to it`() throws {
        let sealed = try vault.sealed([.tool(at: hook), .tool("plain")], of: .make())
        let text = JSONValue.array(sealed).text
        #expect(!text.contains("sesame") && !text.contains("tools.example"))
        #expect(sealed[1] == .tool("plain"))
        let webhooks = try vault.webhooks(of: sealed, of: .make())
        #expect(webhooks["weather"]?.headers.first?.value == "open-sesame")
        #expect(webhooks["plain"] == nil)
        #expect(webhooks == (try vault.webhooks(of: [.tool(at: hook)], of: .make())))
    }

    @Test func `a sealed tool is shown without values`() throws {
        let sealed = try vault.sealed([.tool(at: hook), .tool("plain")], of: .make())
        let shown: JSONValue = [
            "url": "https://tools.example/weather", "headers": ["X-Key": "<redacted>"],
            "timeout_ms": 10_000,
        ]
        #expect(vault.shown(sealed, of: .make()) == [.tool(at: shown), .tool("plain")])
    }

    @Test func `no other user and no other installation opens it`() throws {
        let sealed = try vault.sealed([.tool(at: hook)], of: .make())
        let other = try ToolVault(keyring: Keyring(master: .make(2)))
        for (vault, user) in [(vault, "bob"), (other, "ada")] {
            let error = #expect(throws: HTTPError.self) {
                try vault.webhooks(of: sealed, of: .make(user))
            }
            #expect(error?.status == 409 && error?.code == "webhook_unreadable")
            #expect(vault.shown(sealed, of: .make(user)) == [.tool(at: .null)])
        }
    }

    @Test func `a tool that takes another's place keeps the values that it asks for`() throws {
        let sealed = try vault.sealed([.tool("x"), .tool(at: hook)], of: .make())
        let changed = try vault.sealed(
            vault.shown(sealed, of: .make()).reversed(),
            keeping: sealed,
            of: .make()
        )
        let webhooks = try vault.webhooks(of: changed, of: .make())
        #expect(webhooks["weather"]?.headers.first?.value == "open-sesame")
    }

    @Test func `a value to keep that is not there is named`() throws {
        let asking: JSONValue = [
            "url": "https://tools.example/weather", "headers": ["X-New": "<redacted>"],
        ]
        let sealed = try vault.sealed([.tool(at: hook)], of: .make())
        for stored in [[], sealed] {
            let error = #expect(throws: JSONError.self) {
                try vault.sealed([.tool("x"), .tool(at: asking)], keeping: stored, of: .make())
            }
            #expect(error?.param == "tools[1].x_broker.headers.X-New")
        }
    }

    @Test func `an absent webhook may be written as null`() throws {
        #expect(try vault.sealed([.tool(at: .null)], of: .make()) == [.tool()])
        #expect(try vault.webhooks(of: [.tool(at: .null)], of: .make()).isEmpty)
    }

    @Test func `a session's webhooks are sealed as one, or not there at all`() throws {
        #expect(try vault.sealed(ToolWebhooks(), of: .make()) == nil)
        let webhooks = try vault.webhooks(
            of: [.tool(at: hook), .tool("b", at: ["url": "http://b.example"])],
            of: .make()
        )
        let box = try #require(try vault.sealed(webhooks, of: .make()))
        #expect(!String(decoding: box, as: UTF8.self).contains("sesame"))
    }

    // MARK: Credentials of MCP servers

    private static let server: JSONValue = [
        "type": "mcp", "server_label": "docs", "server_url": "https://docs.example/mcp",
    ]

    private func server(_ fields: JSONObject = [:]) -> JSONValue {
        .object((Self.server.objectValue ?? [:]).merging(fields))
    }

    private var entrusted: JSONValue {
        server(["authorization": "Bearer sesame", "headers": ["X-Key": "sesame-2"]])
    }

    @Test func `a sealed server shows nothing of its credentials, and opens to them`() throws {
        let sealed = try vault.sealed([entrusted, server()], of: .make())
        #expect(!JSONValue.array(sealed).text.contains("sesame"))
        #expect(sealed[1] == server())
        #expect(try vault.opened(sealed, of: .make()) == [entrusted, server()])
        #expect(try vault.webhooks(of: sealed, of: .make()).isEmpty)
        let shown = server(["authorization": "<redacted>", "headers": ["X-Key": "<redacted>"]])
        #expect(vault.shown(sealed, of: .make()) == [shown, server()])
    }

    @Test func `another user is told that credentials cannot be read`() throws {
        let sealed = try vault.sealed([entrusted], of: .make())
        let error = #expect(throws: HTTPError.self) {
            try vault.opened(sealed, of: .make("bob"))
        }
        #expect(error?.status == 409 && error?.code == "webhook_unreadable")
        #expect(vault.shown(sealed, of: .make("bob")) == [server()])
    }

    @Test func `credentials that are not changed stay, for the same server alone`() throws {
        let sealed = try vault.sealed([entrusted], of: .make())
        let again = try vault.sealed(
            vault.shown(sealed, of: .make()),
            keeping: sealed,
            of: .make()
        )
        #expect(try vault.opened(again, of: .make()) == [entrusted])
        let elsewhere = server([
            "server_url": "https://other.example", "authorization": "<redacted>",
        ])
        let error = #expect(throws: JSONError.self) {
            try vault.sealed([elsewhere], keeping: sealed, of: .make())
        }
        #expect(error?.param == "tools[0].authorization")
    }

    @Test func `who is not shown credentials keeps them, or gives others`() throws {
        let sealed = try vault.sealed([entrusted, .tool(at: hook)], of: .make())
        let hidden: [JSONValue] = [server(["require_approval": "never"]), .tool()]
        let kept = try vault.sealed(hidden, keepingHidden: sealed, of: .make())
        #expect(try vault.opened(kept, of: .make())[0]["authorization"] == "Bearer sesame")
        #expect(try vault.webhooks(of: kept, of: .make())["weather"] != nil)
        let other = server(["authorization": "Bearer other"])
        let changed = try vault.sealed([other], keepingHidden: sealed, of: .make())
        #expect(try vault.opened(changed, of: .make()) == [other])
        let moved = server(["server_url": "https://other.example"])
        #expect(try vault.sealed([moved], keepingHidden: sealed, of: .make()) == [moved])
    }
}
