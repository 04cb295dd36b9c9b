import Testing

@testable import ContextStore

@Suite struct CalendarTextTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_827_696_000, "2000-02-29T12:34:56Z"),
        (1_795_262_400_000, "2026-11-21T12:00:00Z"), (253_402_300_799_000, "9999-12-31T23:59:59Z"),
        (-1, "1969-12-31T23:59:59Z"), (1_709_164_800_000, "2024-02-29T00:00:00Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00Z"),
    ])
    func `times become calendar dates`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).formatted.second == text)
    }
}
