import ContextStore
import Testing
import WebServer

@testable import SessionBroker

@Suite struct AnonymousCookieTests {
    @Test func `a new browser gets a cookie that only HTTP sees, for a year`() throws {
        let cookie = try AnonymousCookie(
            keyring: Keyring(master: .make(1)),
            randomBytes: { Array(repeating: 0xAB, count: $0) }
        )
        let identity = try cookie.identity(of: .make())
        #expect(identity.kind == .anonymous)
        #expect(identity.userID.description == "anon_" + String(repeating: "ab", count: 16))
        let parts = try #require(identity.setCookie).split(separator: "; ").map(String.init)
        #expect(parts[0].hasPrefix("broker_user=\(identity.userID)."))
        #expect(parts.dropFirst() == ["Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Lax"])
    }

    @Test func `over TLS, its own or a proxy's, the cookie is for TLS alone`() throws {
        let cookie = try makeCookie()
        let direct = try cookie.identity(of: .make(isSecure: true))
        let proxied = try cookie.identity(of: .make(headers: ["X-Forwarded-Proto": "https"]))
        #expect(direct.setCookie?.hasSuffix("; Secure") == true)
        #expect(proxied.setCookie?.hasSuffix("; Secure") == true)
    }

    @Test func `the cookie is known again, among others`() throws {
        let cookie = try makeCookie()
        let first = try cookie.identity(of: .make())
        let pair = try value(of: first)
        for header in [pair, "a=b; \(pair); c", " \(pair) ;x=", "broker_user=x; \(pair)"] {
            let again = try cookie.identity(of: .make(headers: ["Cookie": header]))
            #expect(again.userID == first.userID)
            #expect(again.setCookie == nil)
        }
    }

    @Test func `a cookie with any character changed is a new user's`() throws {
        let cookie = try makeCookie()
        let first = try cookie.identity(of: .make())
        let pair = try Array(value(of: first).utf8)
        for index in "broker_user=".utf8.count..<pair.count {
            var changed = pair
            changed[index] =
                changed[index] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            let header = String(decoding: changed, as: UTF8.self)
            let identity = try cookie.identity(of: .make(headers: ["Cookie": header]))
            #expect(identity.userID != first.userID)
            #expect(identity.setCookie != nil)
        }
    }

    @Test(arguments: [
        "", "broker_user", "broker_user=", "broker_user=.", "broker_user=ada.00", "x=1",
    ])
    func `what is no cookie of ours is a new user's`(header: String) throws {
        let identity = try makeCookie().identity(of: .make(headers: ["Cookie": header]))
        #expect(identity.userID.description.hasPrefix("anon_"))
        #expect(identity.setCookie != nil)
    }

    @Test func `another installation's cookie is a new user's, and new users differ`() throws {
        let other = try AnonymousCookie(keyring: Keyring(master: .make(2)))
        let foreign = try other.identity(of: .make())
        let header = try value(of: foreign)
        let identity = try makeCookie().identity(of: .make(headers: ["Cookie": header]))
        #expect(identity.userID != foreign.userID)
        #expect(identity.setCookie != nil)
    }

    private func makeCookie() throws -> AnonymousCookie {
        try AnonymousCookie(keyring: Keyring(master: .make(1)))
    }

    private func value(of identity: Identity) throws -> String {
        String(try #require(identity.setCookie).prefix { $0 != ";" })
    }
}
