internal import Glibc

/// Answers that are written straight to a socket, past libmicrohttpd.
enum RawResponse {
    static func write(_ response: HTTPResponse, to socket: Int32) {
        let body = response.bytes ?? []
        var head = "HTTP/1.1 \(response.status) Request Timeout\r\nConnection: close\r\n"
        for field in response.headers.fields { head += "\(field.name): \(field.value)\r\n" }
        head += "Content-Length: \(body.count)\r\n\r\n"
        let bytes = Array(head.utf8) + body
        // Best effort: the socket's buffer is empty in mid-body, and a client that is gone is gone.
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        _ = bytes.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, flags) }
    }

    /// The head of an answer whose body goes on until the connection is closed.
    static func head(of response: HTTPResponse) -> [UInt8] {
        var head = "HTTP/1.1 \(response.status) OK\r\nConnection: close\r\n"
        for field in response.headers.fields { head += "\(field.name): \(field.value)\r\n" }
        return Array((head + "\r\n").utf8)
    }

    static func shutDown(_ socket: Int32) {
        shutdown(socket, Int32(SHUT_RDWR))
    }
}
