import Foundation
import Testing
import WebServer

/// A certificate for 127.0.0.1 that signs itself, made anew by the openssl program.
struct TestCertificate {
    /// Where the certificate is, for clients to trust.
    let file: String
    /// Where its key is.
    let keyFile: String
    /// The certificate and its key, for a server.
    let tls: HTTPServer.TLS

    /// Makes one in a folder that is gone when `body` ends.
    static func with(
        address: String = "IP:127.0.0.1",
        _ body: (TestCertificate) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("certificate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(try TestCertificate(in: folder, address: address))
    }

    private init(in folder: URL, address: String) throws {
        let (certificate, key) = (
            folder.appendingPathComponent("certificate.pem"),
            folder.appendingPathComponent("key.pem")
        )
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=\(address)",
            "-keyout", key.path, "-out", certificate.path,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
        file = certificate.path
        keyFile = key.path
        tls = HTTPServer.TLS(
            certificate: Array(try Data(contentsOf: certificate)),
            key: Array(try Data(contentsOf: key))
        )
    }
}
