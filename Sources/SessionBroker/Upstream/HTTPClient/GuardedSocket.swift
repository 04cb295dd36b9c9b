internal import CCurl
internal import Glibc

/// `CURLOPT_OPENSOCKETFUNCTION` of clients that may reach public addresses alone; the context is the
/// transfer that the connection is made for.
///
/// libcurl asks for a socket for the very address that it is about to connect to
/// (https://curl.se/libcurl/c/CURLOPT_OPENSOCKETFUNCTION.html), so that no name can stand for one
/// address when it is checked and for another when it is used.
func openGuardedSocket(
    _ context: UnsafeMutableRawPointer?,
    _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context, let address else { return CURL_SOCKET_BAD }
    let target = address.pointee
    // The field may hold more than its type has: it is copied from where it stands.
    let found = CCurl_address(address).flatMap {
        IPAddress(UnsafeRawPointer($0), count: Int(target.addrlen))
    }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    guard transfer.mayConnect(to: found) else { return CURL_SOCKET_BAD }
    return socket(target.family, target.socktype | Int32(SOCK_CLOEXEC.rawValue), target.protocol)
}
