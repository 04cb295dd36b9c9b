internal import CMicroHTTPD
internal import Glibc

/// Numeric host names (RFC 4291, 2.2, and dotted decimal).
enum NumericAddress {
    /// The host of a socket address as text; empty for families other than IP.
    static func text(of address: UnsafePointer<sockaddr>) -> String {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                var host = $0.pointee.sin_addr
                return text(AF_INET, &host)
            }
        case AF_INET6:
            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                var host = $0.pointee.sin6_addr
                return text(AF_INET6, &host)
            }
        default: ""
        }
    }

    private static func text(_ family: Int32, _ host: UnsafeRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let base = buffer.baseAddress,
                inet_ntop(family, host, base, socklen_t(buffer.count)) != nil
            else { return "" }
            return String(cString: base)
        }
    }
}
