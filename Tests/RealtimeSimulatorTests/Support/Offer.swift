/// SDP as a browser makes it.
enum Offer {
    static let lines = [
        "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0",
        "a=group:BUNDLE 0 1", "a=msid-semantic: WMS *",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 8 126", "c=IN IP4 0.0.0.0", "a=ice-ufrag:abcd",
        "a=ice-pwd:0123456789abcdefghijklmn", "a=fingerprint:sha-256 00:11:22:33",
        "a=setup:actpass", "a=mid:0", "a=sendrecv", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1", "a=rtpmap:9 G722/8000",
        "a=rtpmap:126 telephone-event/8000",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:1",
        "a=setup:actpass", "a=sctp-port:5000",
    ]
    static let text = lines.joined(separator: "\r\n") + "\r\n"
    static let boundary = "8fb9a5ad3a6065eb"
    static let formType = "multipart/form-data; boundary=\(boundary)"

    /// A form as HTTP clients write it.
    static func form(_ parts: [(name: String, text: String)]) -> [UInt8] {
        let body = parts.map { name, text in
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(text)\r\n"
        }.joined()
        return Array((body + "--\(boundary)--\r\n").utf8)
    }
}
