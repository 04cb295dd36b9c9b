import COpenSSL
import Testing

/// The server's side of TLS for a ``FakeUpstream``, on blocking sockets.
///
/// `@unchecked Sendable` because OpenSSL counts references to a context and locks it.
final class FakeTLS: @unchecked Sendable {
    /// An `SSL_CTX *`, freed in `deinit`.
    private let context: OpaquePointer

    init(_ certificate: TestCertificate) throws {
        context = try #require(SSL_CTX_new(TLS_server_method()))
        let format = Int32(SSL_FILETYPE_PEM)
        try #require(SSL_CTX_use_certificate_chain_file(context, certificate.file) == 1)
        try #require(SSL_CTX_use_PrivateKey_file(context, certificate.keyFile, format) == 1)
    }

    deinit {
        SSL_CTX_free(context)
    }

    /// Shakes hands; what fails here fails at the first read, too.
    func accept(_ socket: Int32) -> Session? {
        guard let session = SSL_new(context) else { return nil }
        SSL_set_fd(session, socket)
        SSL_accept(session)
        return Session(session)
    }

    /// One connection's TLS; on that connection's thread only.
    final class Session {
        /// An `SSL *`, freed in `deinit`.
        private let session: OpaquePointer

        fileprivate init(_ session: OpaquePointer) {
            self.session = session
        }

        deinit {
            SSL_free(session)
        }

        func read(_ bytes: inout [UInt8]) -> Int {
            Int(SSL_read(session, &bytes, Int32(bytes.count)))
        }

        func write(_ bytes: UnsafeRawBufferPointer) -> Int {
            Int(SSL_write(session, bytes.baseAddress, Int32(bytes.count)))
        }
    }
}
