import Glibc
import Testing

/// Lends a directory that is gone, with its files, when `body` ends.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/broker-tests-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer {
        for name in fileNames(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }
    try body(path)
}

/// The names of a directory's files, sorted.
func fileNames(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// Makes a file of a text, or replaces one.
func writeFile(_ text: String, to path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
}
