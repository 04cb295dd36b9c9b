internal import Glibc

/// Serves the files of one folder: types, entity tags, ranges, and no way out of the folder.
///
/// Files are read anew for each request, so that a changed file shows at once; the page cache makes
/// that cheap. Names that start with a dot are not there for anyone.
public struct StaticFiles: Sendable {
    private static let streamAboveBytes = 1_024 * 1_024
    private let root: String

    /// Serves what is below a folder.
    public init(root: String) {
        self.root = root
    }

    /// The page of the folder itself, when it is not there.
    public var missingIndex: String? {
        let path = "\(root)/index.html"
        return OpenFile(path: path) == nil ? path : nil
    }

    /// Answers GET and HEAD; a folder answers with its `index.html`, behind a slash.
    ///
    /// - Throws: ``HTTPError`` 404 for what is not there, or not a regular file; 416 for a range that
    ///   lies behind the end.
    public func respond(to request: HTTPRequest) throws -> HTTPResponse {
        guard let path = Self.safePath(request.path) else {
            throw HTTPError.noRoute(request.path)
        }
        guard let file = OpenFile(path: root + path) else {
            guard let folder = folder(at: path) else { throw HTTPError.noRoute(request.path) }
            return HTTPResponse(status: 308, headers: ["Location": folder])
        }
        var headers: HTTPHeaders = [
            "Content-Type": Self.contentType(of: path),
            "Cache-Control": "no-cache",
            "ETag": file.entityTag,
            "Accept-Ranges": "bytes",
        ]
        if Self.matches(request.headers["If-None-Match"], file.entityTag) {
            headers["Content-Type"] = nil
            return HTTPResponse(status: 304, headers: headers)
        }
        return try Self.answer(request, file, headers)
    }

    /// Where a folder with a page is that was asked for without its slash, relative to its parent.
    private func folder(at path: String) -> String? {
        guard let name = path.split(separator: "/").last, !path.hasSuffix("/"),
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }),
            OpenFile(path: "\(root)\(path)/index.html") != nil
        else { return nil }
        return "\(name)/"
    }

    private static func answer(
        _ request: HTTPRequest,
        _ file: OpenFile,
        _ headers: HTTPHeaders
    ) throws(HTTPError) -> HTTPResponse {
        var headers = headers
        let isCurrent = request.headers["If-Range"].map { $0 == file.entityTag } ?? true
        guard isCurrent, let header = request.headers["Range"],
            let range = ByteRange(parsing: header, size: file.size)
        else {
            return HTTPResponse(
                status: 200,
                headers: headers,
                body: body(file, 0..<file.size),
                isCompressible: true
            )
        }
        guard case .satisfiable(let bytes) = range else {
            throw HTTPError(
                status: 416,
                code: "range_not_satisfiable",
                message: "The range lies behind the end.",
                headers: ["Content-Range": "bytes */\(file.size)"]
            )
        }
        headers["Content-Range"] = "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/\(file.size)"
        return HTTPResponse(status: 206, headers: headers, body: body(file, bytes))
    }

    private static func body(_ file: OpenFile, _ range: Range<Int>) -> HTTPResponse.Body {
        guard range.count > streamAboveBytes else { return .bytes(file.read(range)) }
        let stream = ResponseStream { stream in
            for start in Swift.stride(from: range.lowerBound, to: range.upperBound, by: 64 * 1_024)
            {
                let end = min(start + 64 * 1_024, range.upperBound)
                try await stream.write(file.read(start..<end))
            }
        }
        return .stream(stream)
    }

    /// The path below the root, or nil for one that could lead elsewhere.
    private static func safePath(_ path: String) -> String? {
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            if segment.hasPrefix(".") || (segment.isEmpty && !isLast) { return nil }
        }
        return path.hasSuffix("/") ? path + "index.html" : path
    }

    private static func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { entry in
            let entry = String(entry).trimmed
            return entry == "*" || entry == tag || entry == "W/" + tag
        }
    }

    private static func contentType(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        let suffix = name.split(separator: ".").last.map(String.init) ?? ""
        return types[suffix.lowercased()] ?? "application/octet-stream"
    }

    private static let types = [
        "css": "text/css; charset=utf-8",
        "html": "text/html; charset=utf-8",
        "ico": "image/x-icon",
        "jpg": "image/jpeg",
        "js": "text/javascript; charset=utf-8",
        "json": "application/json",
        "map": "application/json",
        "md": "text/markdown; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8",
        "mp3": "audio/mpeg",
        "png": "image/png",
        "svg": "image/svg+xml",
        "txt": "text/plain; charset=utf-8",
        "wasm": "application/wasm",
        "wav": "audio/wav",
        "webmanifest": "application/manifest+json",
        "webp": "image/webp",
        "woff2": "font/woff2",
    ]
}

/// One byte range of a `Range` field (RFC 9110, 14.1.2).
private enum ByteRange {
    case satisfiable(Range<Int>)
    case unsatisfiable

    /// Nil for what a server ignores: other units, several ranges, bad syntax.
    init?(parsing header: String, size: Int) {
        guard header.hasPrefix("bytes=") else { return nil }
        let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        switch (Int(ends[0]), Int(ends[1])) {
        case (nil, let count?) where ends[0].isEmpty && count >= 0:
            self =
                count == 0 || size == 0 ? .unsatisfiable : .satisfiable(max(0, size - count)..<size)
        case (let first?, nil) where ends[1].isEmpty && first >= 0:
            self = first < size ? .satisfiable(first..<size) : .unsatisfiable
        case (let first?, let last?) where first >= 0 && last >= first:
            self = first < size ? .satisfiable(first..<min(last + 1, size)) : .unsatisfiable
        default: return nil
        }
    }
}

/// A regular file that is open for reading.
private final class OpenFile: Sendable {
    let size: Int
    let entityTag: String
    private let descriptor: Int32

    init?(path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG
        else {
            if descriptor >= 0 { close(descriptor) }
            return nil
        }
        size = Int(status.st_size)
        let changed = status.st_mtim
        let stamp = UInt64(changed.tv_sec) &* 1_000_000_000 &+ UInt64(changed.tv_nsec)
        entityTag = "\"\(String(size, radix: 16))-\(String(stamp, radix: 16))\""
    }

    deinit {
        close(descriptor)
    }

    /// The bytes of a range; fewer when the file shrank meanwhile.
    func read(_ range: Range<Int>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]
                )
                let got = pread(descriptor, rest.baseAddress, rest.count, range.lowerBound + count)
                guard got > 0 else { return }
                count += got
            }
        }
    }
}
