import Testing

@testable import SessionBroker

struct QRCodeTests {
    @Test func aShortTextIsASmallCode() throws {
        let code = try #require(QRCode("https://broker.example/listen.html#bcast_1"))
        // Version 3 holds 42 bytes at level M (ISO/IEC 18004, table 7).
        #expect(code.width == 29)
        #expect(code.modules.count == 29 * 29)
        // A finder pattern: its upper edge is dark, and so is its middle.
        #expect(code.modules[0..<7].allSatisfy { $0 } && !code.modules[7])
        #expect(code.modules[3 * 29 + 3] && !code.modules[29 + 1])
    }

    @Test func theImageHasAQuietZone() throws {
        let svg = try #require(QRCode("a")).svg
        #expect(svg.contains("viewBox=\"0 0 29 29\""))
        #expect(svg.contains("<path d=\"M4 4h7v1h-7z"))
    }

    @Test(arguments: [String(repeating: "x", count: 2_332), "a\u{0}b", ""])
    func whatNoCodeHoldsIsNone(_ text: String) {
        #expect(QRCode(text) == nil)
    }

    @Test func theLongestTextFits() {
        #expect(QRCode(String(repeating: "x", count: 2_331))?.width == 177)
    }
}
