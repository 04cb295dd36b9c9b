import JSON

/// What is parsed once can be written, and is the same when parsed again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = UnsafeBufferPointer(start: bytes, count: count)
    guard let value = try? JSONValue(parsing: text) else { return 0 }
    precondition(value == value)
    let written = value.bytes
    guard let again = try? JSONValue(parsing: written) else {
        preconditionFailure("what was written cannot be read")
    }
    precondition(again == value)
    precondition(again.bytes == written)
    return 0
}
