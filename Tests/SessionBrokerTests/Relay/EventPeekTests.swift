import JSON
import Testing

@testable import SessionBroker

@Suite struct EventPeekTests {
    private static func type(_ text: String) -> String? {
        EventPeek.type(of: Array(text.utf8))
    }

    @Test(arguments: [
        #"{"type":"a.b"}"#,
        #"  { "type" : "a.b" }"#,
        #"{"event_id":"e","type":"a.b","delta":"x"}"#,
        #"{"n":-1.5e3,"t":true,"z":null,"type":"a.b"}"#,
        #"{"o":{"type":"no","a":[1,{"b":"}"}]},"type":"a.b"}"#,
        #"{"s":"a \"type\":\"no\" \\","type":"a.b"}"#,
        "{\n\t\"list\" : [ \"]\" , [] ],\r\n\"type\":\"a.b\"}",
    ])
    func `the type at the top level is found`(text: String) {
        #expect(Self.type(text) == "a.b")
    }

    @Test(arguments: [
        "", " ", "[]", "null", #""type""#, "{", "{}", #"{"type""#, #"{"type":"#, #"{"type":1}"#,
        #"{"type":"a"#, #"{"x":"unended}"#, #"{"x":{"y":1,"type":"a"}"#, #"{"types":"a"}"#,
        #"{"x" "type":"a"}"#, #"{"type":"a\u002eb"}"#,
    ])
    func `what is no object with a plain type has none`(text: String) {
        #expect(Self.type(text) == nil)
    }

    @Test func `what the parser reads as an event is read the same`() throws {
        for text in [
            #"{"type":"x","event_id":"y"}"#, #"{"event_id":"é","a":[[[]]],"type":"ü"}"#,
        ] {
            let event = try JSONValue(parsing: Array(text.utf8))
            #expect(EventPeek.type(of: Array(text.utf8)) == event["type"]?.stringValue)
            #expect(EventPeek.id(of: Array(text.utf8)) == event["event_id"]?.stringValue)
        }
    }

    @Test(arguments: [
        #"{"type":"input_audio_buffer.append","audio":"AAAA"}"#,
        #" { "audio" : "" , "event_id":"e", "type":"input_audio_buffer.append" } "#,
    ])
    func `a piece of audio is one to whoever reads it`(text: String) {
        #expect(EventPeek.isPlainAppend(Array(text.utf8)))
    }

    @Test(arguments: [
        #"{"type":"input_audio_buffer.append","audio":"A","type":"session.update"}"#,
        #"{"type":"input_audio_buffer.append","audio":"A","session":{}}"#,
        #"{"type":"input_audio_buffer.append","audio":"A\n"}"#,
        #"{"type":"input_audio_buffer.append","audio":{"a":"b"}}"#,
        #"{"type":"input_audio_buffer.append","audio":"A"},{}"#,
        #"{"type":"input_audio_buffer.append","audio":"A""#,
        #"{"type":"session.update","audio":"A"}"#, #"{"audio":"A"}"#, "{}", "",
    ])
    func `what could be read as something else is not`(text: String) {
        #expect(!EventPeek.isPlainAppend(Array(text.utf8)))
    }

    @Test func `damaged events are read without a fault`() {
        let event = Array(#"{"a":"b\\","c":[{"d":"e"}],"type":"f","g":{"h":1}}"#.utf8)
        var found = 0
        for place in event.indices {
            for byte: UInt8 in [0x22, 0x5C, 0x7B, 0x7D, 0x00, 0xFF] {
                var damaged = event
                damaged[place] = byte
                if EventPeek.type(of: damaged) != nil { found += 1 }
                if EventPeek.type(of: Array(damaged.prefix(place))) != nil { found += 1 }
            }
        }
        #expect(found > 0)
    }
}
