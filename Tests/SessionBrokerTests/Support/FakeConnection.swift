import Glibc
import WebServer

/// One connection to a ``FakeUpstream``; on that connection's thread only.
final class FakeConnection {
    private let socket: Int32
    private let tls: FakeTLS.Session?
    private var buffer: [UInt8] = []
    private(set) var wasClosedByClient = false

    init(socket: Int32, tls: FakeTLS.Session?) {
        self.socket = socket
        self.tls = tls
    }

    /// The next request, nil when the connection ended before a whole one came.
    func readRequest(_ number: Int) -> FakeUpstream.Request? {
        let end = Array("\r\n\r\n".utf8)
        var headerCount = buffer.firstIndex(of: end)
        while headerCount == nil {
            guard receive() else { return nil }
            headerCount = buffer.firstIndex(of: end)
        }
        guard let headerCount else { return nil }
        let lines = String(decoding: buffer[..<headerCount], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            headers.add(String(parts[0]), String(parts.last?.drop { $0 == " " } ?? ""))
        }
        let bodyStart = headerCount + end.count
        let bodyEnd = bodyStart + (headers["Content-Length"].flatMap { Int($0) } ?? 0)
        while buffer.count < bodyEnd {
            guard receive() else { return nil }
        }
        defer { buffer.removeFirst(bodyEnd) }
        return FakeUpstream.Request(
            method: words.first ?? "",
            target: words.count > 1 ? words[1] : "",
            headers: headers,
            body: Array(buffer[bodyStart..<bodyEnd]),
            connection: number
        )
    }

    /// Does one step; false when the connection is over.
    func perform(_ step: FakeUpstream.Step) -> Bool {
        switch step {
        case .send(let bytes):
            return send(bytes)
        case .run(let body):
            return body(self)
        case .drip(let bytes, let milliseconds):
            return bytes.allSatisfy { isOpen(afterMilliseconds: milliseconds) && send([$0]) }
        case .hold:
            while receive() {}
            return false
        case .close:
            return false
        case .reset:
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                socket,
                SOL_SOCKET,
                SO_LINGER,
                &option,
                socklen_t(MemoryLayout<linger>.size)
            )
            return false
        }
    }

    /// Everything that has come and was not read; waits for at least one byte, empty at the end.
    func readBytes() -> [UInt8] {
        guard !buffer.isEmpty || receive() else { return [] }
        defer { buffer = [] }
        return buffer
    }

    private func receive() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = tls?.read(&bytes) ?? recv(socket, &bytes, bytes.count, 0)
        if count <= 0 { wasClosedByClient = true }
        buffer += bytes.prefix(max(0, count))
        return count > 0
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                tls?.write($0)
                    ?? Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                wasClosedByClient = true
                return false
            }
            sent += count
        }
        return true
    }

    private func isOpen(afterMilliseconds milliseconds: Int32) -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, milliseconds) > 0 else { return true }
        return receive()
    }
}

extension [UInt8] {
    /// Where a run of bytes begins, nil when it does not occur.
    fileprivate func firstIndex(of run: [UInt8]) -> Int? {
        guard count >= run.count else { return nil }
        return (0...(count - run.count)).first { self[$0..<($0 + run.count)].elementsEqual(run) }
    }
}
