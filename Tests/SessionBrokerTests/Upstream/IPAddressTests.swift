import Glibc
import Testing

@testable import SessionBroker

@Suite struct IPAddressTests {
    private func isPublic(_ text: String) throws -> Bool {
        try #require(IPAddress(text), "\(text) is an address").isPublic
    }

    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
        "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255",
        "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.1", "192.88.99.1",
        "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7",
        "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",
    ])
    func `an IPv4 address that is no host of the internet is not public`(text: String) throws {
        #expect(try !isPublic(text))
    }

    @Test(arguments: [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
        "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "8.8.8.8",
    ])
    func `its neighbours are`(text: String) throws {
        #expect(try isPublic(text))
    }

    @Test(arguments: [
        "::", "::1", "::7f00:1", "fc00::", "fdff:ffff::1", "fe80::1", "febf::1", "fec0::1",
        "ff00::", "ff02::1", "100::1", "5f00::1", "2001::1", "2001:1ff:ffff::",
        "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "3fff:fff::1", "4000::",
        "1fff:ffff::", "fd00:ec2::254",
    ])
    func `an IPv6 address that is no host of the internet is not public`(text: String) throws {
        #expect(try !isPublic(text))
    }

    @Test(arguments: [
        "2000::", "2001:200::1", "2001:4860:4860::8888", "2001:db7:ffff::", "2001:db9::",
        "2003::1", "2606:4700::1111", "3ffe::1", "3fff:1000::1",
    ])
    func `its neighbours, too, are`(text: String) throws {
        #expect(try isPublic(text))
    }

    @Test(arguments: [
        ("::ffff:127.0.0.1", false), ("::ffff:169.254.169.254", false), ("::ffff:10.1.2.3", false),
        ("::ffff:8.8.8.8", true), ("64:ff9b::7f00:1", false), ("64:ff9b::c0a8:101", false),
        ("64:ff9b::8.8.8.8", true), ("64:ff9b:1::8.8.8.8", false), ("::fffe:8.8.8.8", false),
    ])
    func `an IPv4 address within an IPv6 one counts as itself`(
        text: String,
        expected: Bool
    ) throws {
        #expect(try isPublic(text) == expected)
    }

    @Test(arguments: ["", "1.2.3", "example.com", "127.0.0.1:80", "[::1]", "fe80::1%eth0"])
    func `what is no address is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `an address is read from what the system connects with`() {
        var four = sockaddr_in()
        four.sin_family = sa_family_t(AF_INET)
        four.sin_addr.s_addr = UInt32(0x0808_0404).bigEndian
        let size = MemoryLayout<sockaddr_in>.size
        #expect(IPAddress(&four, count: size) == IPAddress("8.8.4.4"))
        #expect(IPAddress(&four, count: size - 1) == nil)
        var six = sockaddr_in6()
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_addr = in6addr_loopback
        #expect(IPAddress(&six, count: MemoryLayout<sockaddr_in6>.size) == IPAddress("::1"))
        #expect(IPAddress(&six, count: size) == nil)
        var local = sockaddr_un()
        local.sun_family = sa_family_t(AF_UNIX)
        #expect(IPAddress(&local, count: MemoryLayout<sockaddr_un>.size) == nil)
    }
}
