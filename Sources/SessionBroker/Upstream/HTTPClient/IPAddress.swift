internal import Glibc

/// An address of a host, of either family, as its bytes in network order.
struct IPAddress: Sendable, Equatable {
    /// Four bytes, or sixteen.
    let bytes: [UInt8]

    /// The address in text, without a zone; nil when it is none.
    init?(_ text: String) {
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &buffer) == 1 {
            bytes = Array(buffer.prefix(4))
        } else if inet_pton(AF_INET6, text, &buffer) == 1 {
            bytes = buffer
        } else {
            return nil
        }
    }

    /// The address in a `sockaddr` of `AF_INET` or `AF_INET6`; nil for any other family.
    init?(_ address: UnsafeRawPointer, count: Int) {
        switch address.loadUnaligned(as: sockaddr_in.self).sin_family {
        case sa_family_t(AF_INET) where count >= MemoryLayout<sockaddr_in>.size:
            let address = address.loadUnaligned(as: sockaddr_in.self).sin_addr
            bytes = withUnsafeBytes(of: address) { Array($0) }
        case sa_family_t(AF_INET6) where count >= MemoryLayout<sockaddr_in6>.size:
            let address = address.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            bytes = withUnsafeBytes(of: address) { Array($0) }
        default:
            return nil
        }
    }

    private init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// Whether it may be a host of the internet at large: not this machine, not its networks, not
    /// a cloud's metadata service, not a group of hosts, nothing that stands for one of these.
    var isPublic: Bool {
        if bytes.count == 4 { return !Self.isIn(Self.specialIPv4, bytes) }
        if let embedded { return embedded.isPublic }
        return Self.isIn(Self.globalIPv6, bytes) && !Self.isIn(Self.specialIPv6, bytes)
    }

    /// The IPv4 address that an IPv6 address is another form of: mapped (RFC 4291, 2.5.5.2), or
    /// translated on the way (RFC 6052, 2.1).
    private var embedded: IPAddress? {
        Self.isIn(Self.carriers, bytes) ? IPAddress(bytes: bytes.suffix(4)) : nil
    }
}

// MARK: Networks

extension IPAddress {
    /// The first bits that the addresses of a network have in common.
    private struct Network {
        let prefix: [UInt8]
        let bits: Int

        init(_ prefix: [UInt8], _ bits: Int) {
            self.prefix = prefix
            self.bits = bits
        }

        func contains(_ bytes: [UInt8]) -> Bool {
            (0..<bits).allSatisfy { bit in
                let mask = UInt8(0x80) >> (bit % 8)
                let wanted = bit / 8 < prefix.count ? prefix[bit / 8] : 0
                return wanted & mask == bytes[bit / 8] & mask
            }
        }
    }

    private static func isIn(_ networks: [Network], _ bytes: [UInt8]) -> Bool {
        networks.contains { $0.contains(bytes) }
    }

    /// What is given to no host of the internet
    /// (https://www.iana.org/assignments/iana-ipv4-special-registry).
    private static let specialIPv4 = [
        Network([0], 8),  // this network
        Network([10], 8),  // private
        Network([100, 64], 10),  // shared, behind a carrier's NAT
        Network([127], 8),  // loopback
        Network([169, 254], 16),  // link-local, with the metadata services of clouds
        Network([172, 16], 12),  // private
        Network([192, 0, 0], 24),  // protocol assignments
        Network([192, 0, 2], 24),  // documentation
        Network([192, 88, 99], 24),  // relays of 6to4
        Network([192, 168], 16),  // private
        Network([198, 18], 15),  // benchmarks
        Network([198, 51, 100], 24),  // documentation
        Network([203, 0, 113], 24),  // documentation
        Network([224], 4),  // multicast
        Network([240], 4),  // reserved, and broadcast
    ]

    /// All that is given out to hosts of the internet
    /// (https://www.iana.org/assignments/ipv6-address-space).
    private static let globalIPv6 = [Network([0x20], 3)]

    /// What is not, within that (https://www.iana.org/assignments/iana-ipv6-special-registry).
    private static let specialIPv6 = [
        Network([0x20, 0x01, 0x00], 23),  // protocol assignments, Teredo among them
        Network([0x20, 0x01, 0x0D, 0xB8], 32),  // documentation
        Network([0x20, 0x02], 16),  // 6to4
        Network([0x3F, 0xFF, 0x00], 20),  // documentation
    ]

    private static let carriers = [
        Network([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96),  // mapped
        Network([0x00, 0x64, 0xFF, 0x9B], 96),  // NAT64
    ]
}
