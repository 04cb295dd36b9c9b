import Testing

@testable import WebServer

struct HTTPRequestTests {
    @Test(arguments: [
        ("https", "https://a.example"), ("HTTPS", "https://a.example"),
        ("https, http", "https://a.example"), ("http, https", "http://a.example"),
        ("http", "http://a.example"), ("", "http://a.example"),
    ])
    func `the origin is what a proxy says it is`(_ scheme: String, _ origin: String) {
        let headers: HTTPHeaders = ["Host": "a.example", "X-Forwarded-Proto": scheme]
        #expect(HTTPRequest.make(.get, "/", headers: headers).origin == origin)
    }

    @Test func `without a proxy the origin is this server's`() {
        var request = HTTPRequest.make(.get, "/", headers: ["Host": "a.example"])
        #expect(request.origin == "http://a.example")
        request.isSecure = true
        #expect(request.origin == "https://a.example")
    }
}
