import JSON
import Transcript

/// What a new reader makes of one event.
func read(
    _ text: String,
    from side: RealtimeEventReader.Side = .server,
    dialect: RealtimeEventReader.Dialect = .openAI
) throws -> [TranscriptEvent] {
    var reader = RealtimeEventReader(dialect: dialect)
    return reader.read(try JSONValue(parsing: text.utf8), from: side)
}
