import WebServer

/// What is read of a form is in it: no more parts, and no more bytes than came.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    // The first line is the field that names the boundary.
    let end = input.firstIndex(of: 0x0A) ?? input.count
    let field = String(decoding: input[..<end], as: UTF8.self)
    let body = Array(input[min(end + 1, input.count)...])
    _ = HeaderParameters(field).value
    for type in [field, "multipart/form-data; boundary=x"] {
        guard let form = try? MultipartForm(body, contentType: type) else { continue }
        precondition(form.parts.reduce(0) { $0 + $1.body.count } <= body.count)
        for part in form.parts {
            let found = try? form.body(of: part.name)
            precondition(found == nil || found == .some(part.body))
        }
    }
    return 0
}
