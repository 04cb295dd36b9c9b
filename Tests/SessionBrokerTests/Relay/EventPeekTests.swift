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
        #"{"type":"a.b","type":"c"}"#, #"{"type":"a.b","typ\u0065":"c"}"#, #"{"type":"a.b""#,
        #"{"\u0074ype":"c","type":"a.b"}"#, #"{"type":"a.b","x":{"y":1}"#, #"{"type":"a.b" 1}"#,
        #"{"type":"a\u002eb"}"#, "{}",
    ])
    func `a type that could be read otherwise is none`(text: String) {
        #expect(EventPeek.soleType(of: Array(text.utf8)) == nil)
    }

    @Test func `a type is the only one whatever is nested beside it`() {
        let text = #" {"x":{"type":"no"},"s":"\"type\"", "type" : "a.b","list":[{"type":"no"}] } "#
        #expect(EventPeek.soleType(of: Array(text.utf8)) == "a.b")
    }

    @Test func `audio is told by its bytes`() {
        let audio = #""audio":"AAAA""#
        let input = Array(#"{"type":"input_audio_buffer.append",\#(audio)}"#.utf8)
        #expect(EventPeek.isInputAudio(input))
        #expect(!EventPeek.isOutputAudio(input))
        let twice = #"{"type":"input_audio_buffer.append","type":"session.update"}"#
        #expect(!EventPeek.isInputAudio(Array(twice.utf8)))
        for type in ["response.output_audio.delta", "response.audio.delta"] {
            let output = Array(#"{"event_id":"e","type":"\#(type)",\#(audio)}"#.utf8)
            #expect(EventPeek.isOutputAudio(output))
            #expect(!EventPeek.isInputAudio(output))
        }
        let transcript = #"{"type":"response.output_audio_transcript.delta"}"#
        #expect(!EventPeek.isOutputAudio(Array(transcript.utf8)))
    }

    @Test func `damaged events are read without a fault`() {
        let event = Array(#"{"a":"b\\","c":[{"d":"e"}],"type":"f","g":{"h":1}}"#.utf8)
        var found = 0
        for place in event.indices {
            for byte: UInt8 in [0x22, 0x5C, 0x7B, 0x7D, 0x00, 0xFF] {
                var damaged = event
                damaged[place] = byte
                if EventPeek.type(of: damaged) != nil { found += 1 }
                if EventPeek.soleType(of: damaged) != nil { found += 1 }
                if EventPeek.type(of: Array(damaged.prefix(place))) != nil { found += 1 }
            }
        }
        #expect(found > 0)
    }

    @Test(arguments: [
        (#"{"type":"response.output_audio.delta","item_id":"i","delta":"AAAA"}"#, 4),
        (#"{"delta":"AAAAAAAA","type":"response.output_audio.delta"}"#, 8),
        (#"{"type":"response.output_audio.delta"}"#, 0), ("", 0),
    ])
    func `the length of a piece is known without its text`(event: String, count: Int) {
        #expect(EventPeek.deltaCount(of: Array(event.utf8)) == count)
    }
}
