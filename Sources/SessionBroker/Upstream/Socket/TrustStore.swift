internal import CCurl
internal import COpenSSL

/// The certificates that upstream's are checked against, read once for all sockets.
///
/// libcurl reads the system's whole bundle anew for each connection that has a multi handle of its own,
/// which takes milliseconds and a megabyte each time; this replaces it, as libcurl's manual shows
/// (https://curl.se/libcurl/c/cacertinmem.html).
/// `@unchecked Sendable` because OpenSSL locks a store's inside, and nothing here changes it.
final class TrustStore: @unchecked Sendable {
    /// An `X509_STORE *`, reference-counted by OpenSSL; each TLS context has a reference of its own.
    private let store: OpaquePointer

    /// Reads a file of PEM certificates, or those that libcurl was built to trust.
    ///
    /// - Throws: ``UpstreamSocketError/tlsFailed(_:)`` when there is nothing that could be trusted.
    init(file: String?) throws(UpstreamSocketError) {
        guard let store = X509_STORE_new() else { throw .tlsFailed("out of memory") }
        self.store = store
        let isLoaded: Bool
        if let file {
            isLoaded = X509_STORE_load_locations(store, file, nil) == 1
        } else {
            let defaults = curl_version_info(CURLVERSION_FOURTH)?.pointee
            isLoaded = X509_STORE_load_locations(store, defaults?.cainfo, defaults?.capath) == 1
        }
        // The errors of this thread are queued, and would be taken for a connection's.
        ERR_clear_error()
        guard isLoaded else {
            throw .tlsFailed("no certificates can be read from \(file ?? "the system's store")")
        }
    }

    deinit {
        X509_STORE_free(store)
    }

    /// Makes a new TLS context of libcurl's trust this store, and write from buffers that move.
    ///
    /// The queue of a connection may be moved in memory between a write that would block and its
    /// repetition, which OpenSSL refuses unless told otherwise (SSL_CTX_set_mode(3)). An idle
    /// connection keeps no buffers.
    fileprivate func prepare(_ context: OpaquePointer) {
        SSL_CTX_set1_cert_store(context, store)
        let modes =
            SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
            | SSL_MODE_RELEASE_BUFFERS
        COpenSSL_setMode(context, Int(modes))
    }
}

/// `CURLOPT_SSL_CTX_FUNCTION`; the context is the store, kept alive by the handle that this is for.
func prepareTLSContext(
    _ easy: UnsafeMutableRawPointer?,
    _ context: UnsafeMutableRawPointer?,
    _ store: UnsafeMutableRawPointer?
) -> CURLcode {
    guard let context, let store else { return CURLE_SSL_CONNECT_ERROR }
    let trust = Unmanaged<TrustStore>.fromOpaque(store).takeUnretainedValue()
    trust.prepare(OpaquePointer(context))
    return CURLE_OK
}
