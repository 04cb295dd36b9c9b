import JSON

@testable import SessionBroker

/// The scan for an event's type says what the parser says, wherever there is something to parse.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    let type = EventPeek.type(of: input)
    _ = EventPeek.id(of: input)
    if let renamed = EventPeek.renamed(input, to: "x") {
        precondition(EventPeek.type(of: renamed) == "x")
    }
    guard let type, let event = try? JSONValue(parsing: input) else { return 0 }
    precondition(event["type"] == .string(type))
    return 0
}
