import ContextStore
import JSON
import Testing

@testable import SessionBroker

@Suite struct TranscriptWriterTests {
    private let conversation = Conversation.make(title: "Balcony\nplans")
    private let items = [
        Item.make(role: .user, content: "I <3 tomatoes & beans.", second: 0),
        Item.make(
            role: .assistant,
            content: "Lovely.\nHow much sun?",
            status: .incomplete,
            second: 4
        ),
        Item.make(role: .user, content: "A lot", second: 90_000),
    ]

    private func written(_ format: TranscriptFormat) -> String {
        var writer = TranscriptWriter(format, of: conversation)
        var text = writer.opening()
        for item in items { text += writer.next(item) }
        return text + writer.closing()
    }

    @Test func `JSON lines are the API's messages`() throws {
        let lines = written(.jsonl).split(separator: "\n")
        #expect(lines.count == 3)
        for (line, item) in zip(lines, items) {
            #expect(try JSONValue(parsing: line.utf8) == item.json)
        }
    }

    @Test func `Markdown has days, speakers and quoted words`() {
        #expect(
            written(.markdown) == """
                # Balcony plans

                ## 2026-11-21

                **User** 12:00

                > I <3 tomatoes & beans.

                **Assistant** 12:00 (interrupted)

                > Lovely.
                > How much sun?

                ## 2026-11-22

                **User** 13:00

                > A lot

                """
        )
    }

    @Test func `text is a line a message`() {
        #expect(
            written(.text) == """
                [2026-11-21 12:00] User: I <3 tomatoes & beans.
                [2026-11-21 12:00] Assistant: Lovely. How much sun?
                [2026-11-22 13:00] User: A lot

                """
        )
    }

    @Test func `captions are WebVTT, in time from the first message`() {
        #expect(
            written(.vtt) == """
                WEBVTT

                00:00:00.000 --> 00:00:02.000
                <v User>I &lt;3 tomatoes &amp; beans.

                00:00:04.000 --> 00:00:05.600
                <v Assistant>Lovely. How much sun?

                25:00:00.000 --> 25:00:01.000
                <v User>A lot

                """
        )
    }

    @Test func `no kind of line end gets out of a quotation`() {
        var writer = TranscriptWriter(.markdown, of: conversation)
        let text = writer.next(
            .make(role: .user, content: "a\r\n## b\r**c**\u{2028}d", second: 0)
        )
        #expect(text.hasSuffix("> a\n> ## b\n> **c**\n> d\n"))
    }
}
