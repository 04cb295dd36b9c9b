internal import Glibc

/// Why a server could not listen.
public struct ListenError: Error, CustomStringConvertible {
    let message: String
    let code: Int32

    /// What failed, and the system's reason.
    public var description: String {
        code == 0 ? message : "\(message): \(String(cString: strerror(code)))"
    }
}

/// A bound, listening TCP socket.
struct ListenSocket {
    let fileDescriptor: Int32
    let port: UInt16

    /// Binds the first address that the host has.
    init(host: String, port: UInt16) throws(ListenError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &found)
        guard result == 0, let address = found else {
            let reason = String(cString: gai_strerror(result))
            throw ListenError(message: "the address \(host) cannot be used: \(reason)", code: 0)
        }
        defer { freeaddrinfo(found) }
        let descriptor = try Self.bound(address.pointee, host: host, port: port)
        fileDescriptor = descriptor
        self.port = Self.port(of: descriptor)
    }

    private static func bound(
        _ address: addrinfo,
        host: String,
        port: UInt16
    ) throws(ListenError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, kind, 0)
        guard descriptor >= 0 else {
            throw ListenError(message: "no socket could be made", code: errno)
        }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0,
            listen(descriptor, 1_024) == 0
        else {
            let code = errno
            close(descriptor)
            throw ListenError(message: "cannot listen on \(host):\(port)", code: code)
        }
        return descriptor
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(descriptor, $0, &size)
            }
            // The port has the same place in both families.
            return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt16(bigEndian: $0.pointee.sin_port)
            }
        }
    }
}
