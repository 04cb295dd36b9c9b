import JSON
import Testing

@testable import WebServer

@Suite struct MultipartFormTests {
    private static func parts(
        _ text: String,
        _ type: String = "multipart/form-data; boundary=x"
    ) throws -> [String] {
        try MultipartForm(Array(text.utf8), contentType: type).parts
            .map { "\($0.name)=\(String(decoding: $0.body, as: UTF8.self))" }
    }

    private static let header = "Content-Disposition: form-data; name=\"a\""

    @Test(
        arguments: [
            // RFC 2046: the line end before a delimiter is the delimiter's, any other the part's.
            ("--x\r\n\(header)\r\n\r\n1\r\n\r\n--x--\r\n", ["a=1\r\n"]),
            ("--x\n\(header)\n\n1\n\n--x--", ["a=1\n"]),
            ("skip me\r\n--x\r\n\(header)\r\n\r\n1\r\n--x--\r\nand me", ["a=1"]),
            ("--x  \r\n\(header)\r\nContent-Type: text/plain\r\n\r\n\r\n--x--\t\r\n", ["a="]),
            ("--x\r\ncontent-disposition:form-data;NAME=a\r\n\r\n1\r\n--x--", ["a=1"]),
            // What begins like a delimiter is none.
            ("--x\r\n\(header)\r\n\r\n--xy\r\n--\r\n--x--", ["a=--xy\r\n--"]),
            (
                "--x\r\n\(header)\r\n\r\n1\r\n--x\r\n\(header)\r\n\r\n2\r\n--x--\r\n--x\r\n",
                ["a=1", "a=2"]
            ),
            ("--x--", []),
        ] as [(String, [String])]
    )
    func `parts are cut where RFC 2046 cuts them`(text: String, parts: [String]) throws {
        #expect(try Self.parts(text) == parts)
    }

    @Test(
        arguments: [
            ("multipart/form-data; boundary=\"a b;c\"", "a b;c"),
            ("Multipart/Form-Data;charset=utf-8 ; BOUNDARY=x", "x"),
            (#"multipart/form-data; boundary="a\"b""#, "a\"b"),
            ("multipart/form-data; boundary=x; boundary=y", "x"),
        ]
    )
    func `a boundary may be quoted`(type: String, boundary: String) throws {
        let text = "--\(boundary)\r\n\(Self.header)\r\n\r\n1\r\n--\(boundary)--"
        #expect(try Self.parts(text, type) == ["a=1"])
    }

    @Test(
        arguments: [
            "", "--x", "--x\r\n\(header)\r\n\r\n1\r\n", "--x\r\n\(header)\r\n1\r\n--x--",
            "--x\r\nContent-Type: text/plain\r\n\r\n1\r\n--x--",
            String(repeating: "--x\r\n\(header)\r\n\r\n1\r\n", count: 17) + "--x--",
        ]
    )
    func `what is cut off, nameless or too much is refused`(text: String) {
        let error = #expect(throws: JSONError.self) { try Self.parts(text) }
        #expect(error?.code == "invalid_multipart_form")
    }

    @Test(arguments: ["multipart/form-data", "multipart/form-data; boundary=\"\""])
    func `a form needs a boundary`(type: String) {
        #expect(throws: JSONError.self) { try Self.parts("--\r\n", type) }
    }

    @Test func `a part that comes twice is refused`() throws {
        let parts = [("sdp", "1"), ("sdp", "2"), ("session", "{}")].map { name, text in
            "--x\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(text)\r\n"
        }
        let form = try MultipartForm(
            Array((parts.joined() + "--x--\r\n").utf8),
            contentType: "multipart/form-data; boundary=x"
        )
        #expect(throws: JSONError.self) { try form.body(of: "sdp") }
        #expect(try form.body(of: "session") == Array("{}".utf8))
        #expect(try form.body(of: "other") == nil)
    }
}
