internal import Glibc

/// Tells names of this machine's loopback interface from all others.
enum LoopbackName {
    /// Whether a host name or numeric address, with or without brackets, is always this machine.
    ///
    /// RFC 6761, 6.3 reserves `localhost` and the names below it.
    static func matches(_ host: String) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name.hasSuffix(".localhost") { return true }
        var version4 = in_addr()
        if inet_pton(AF_INET, name, &version4) == 1 {
            return UInt32(bigEndian: version4.s_addr) >> 24 == 127
        }
        let bare =
            name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : name
        var version6 = in6_addr()
        guard inet_pton(AF_INET6, bare, &version6) == 1 else { return false }
        return withUnsafeBytes(of: version6) {
            $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1
        }
    }
}
