internal import CCurl
internal import Glibc
internal import WebServer

/// Owns one `CURL *`, set up once and loaded with one request after another; one thread only.
final class EasyHandle {
    /// A `CURL *`.
    let pointer: UnsafeMutableRawPointer
    /// Where libcurl puts its words on a failure, `CURL_ERROR_SIZE` bytes; lives as long as the handle.
    private let errorText: UnsafeMutablePointer<CChar>
    /// A `curl_slist *`, read by libcurl until the transfer ends.
    private var headerList: UnsafeMutablePointer<curl_slist>?

    /// What we call ourselves to servers.
    static let userAgent = "session-broker"

    /// curl_global_init(3) is to be called once, before anything else of libcurl.
    static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init?(settings: HTTPClient.Settings) {
        guard Self.isLibraryReady, let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        set(CURLOPT_ERRORBUFFER, UnsafeRawPointer(errorText))
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.wholeMilliseconds)
        set(CURLOPT_PROTOCOLS_STR, text: "http,https")
        set(CURLOPT_USERAGENT, text: Self.userAgent)
        if let file = settings.certificateFile { set(CURLOPT_CAINFO, text: file) }
        // Not set, it is what the environment says; set and empty, there is none.
        if !settings.usesProxies { set(CURLOPT_PROXY, text: "") }
        if settings.destinations == .publicOnly {
            check(CCurl_setOpenSocketCallback(pointer, openGuardedSocket))
        }
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Puts a request in; the transfer that it belongs to gets header lines and body bytes.
    ///
    /// `context` is handed to all callbacks and to `CURLINFO_PRIVATE`; the caller keeps it alive
    /// until the transfer has been removed.
    func load(
        _ request: OutgoingRequest,
        timeout: Duration,
        onHeader: @escaping CCurl_DataCallback,
        onBody: @escaping CCurl_DataCallback,
        context: UnsafeMutableRawPointer
    ) {
        errorText.pointee = 0
        set(CURLOPT_URL, text: request.url)
        set(CURLOPT_TIMEOUT_MS, max(1, timeout.wholeMilliseconds))
        // A server retires an HTTP/2 connection after some number of requests, and libcurl 7.88 then
        // fails requests that it could have sent on a new one (https://github.com/curl/curl/pull/10693).
        // What cannot be repeated is therefore not sent that way.
        let version = request.isSafeToRepeat ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
        set(CURLOPT_HTTP_VERSION, Int(version))
        // Over TLS, wait for a connection in the making: it may carry HTTP/2 and many requests.
        set(CURLOPT_PIPEWAIT, request.isSafeToRepeat && isTLS(request) ? 1 : 0)
        loadBody(request)
        loadHeaders(request)
        CCurl_setDataCallback(pointer, CURLOPT_HEADERFUNCTION, onHeader)
        CCurl_setDataCallback(pointer, CURLOPT_WRITEFUNCTION, onBody)
        set(CURLOPT_HEADERDATA, UnsafeRawPointer(context))
        set(CURLOPT_WRITEDATA, UnsafeRawPointer(context))
        set(CURLOPT_OPENSOCKETDATA, UnsafeRawPointer(context))
        set(CURLOPT_PRIVATE, UnsafeRawPointer(context))
    }

    /// The status of the answer that came last.
    var status: Int {
        var status = 0
        CCurl_getLong(pointer, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    /// What libcurl said of a failure.
    func reason(for code: CURLcode) -> String {
        let text = String(cString: errorText)
        return text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
    }

    private func isTLS(_ request: OutgoingRequest) -> Bool {
        request.url.prefix(6).lowercased() == "https:"
    }

    private func loadBody(_ request: OutgoingRequest) {
        if let body = request.body {
            set(CURLOPT_POST, 1)
            // The size first: CURLOPT_COPYPOSTFIELDS copies that many bytes.
            CCurl_setOffset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            body.withUnsafeBytes { bytes in
                set(CURLOPT_COPYPOSTFIELDS, bytes.baseAddress ?? UnsafeRawPointer(errorText))
            }
        } else {
            set(CURLOPT_HTTPGET, 1)
            if request.method == .head { set(CURLOPT_NOBODY, 1) }
        }
        set(CURLOPT_CUSTOMREQUEST, text: request.method.rawValue)
    }

    private func loadHeaders(_ request: OutgoingRequest) {
        var list: UnsafeMutablePointer<curl_slist>?
        for (name, value) in request.headers.fields {
            // "Name;" is how libcurl is told to send a field without a value.
            list = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        // Without these, libcurl makes up a form's content type, and waits for a 100 (Continue).
        if request.body != nil {
            if request.headers["Content-Type"] == nil {
                list = curl_slist_append(list, "Content-Type:")
            }
            list = curl_slist_append(list, "Expect:")
        }
        set(CURLOPT_HTTPHEADER, UnsafeRawPointer(list))
        curl_slist_free_all(headerList)
        headerList = list
    }

    func set(_ option: CURLoption, _ value: Int) {
        check(CCurl_setLong(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: UnsafeRawPointer?) {
        check(CCurl_setPointer(pointer, option, value))
    }

    func set(_ option: CURLoption, text: String) {
        check(text.withCString { CCurl_setPointer(pointer, option, $0) })
    }

    /// Options fail only when this libcurl lacks one or memory is out: both are the build's fault.
    func check(_ code: CURLcode) {
        precondition(code == CURLE_OK, "curl_easy_setopt failed")
    }
}

extension Duration {
    /// Milliseconds, rounded up, at most what a C `int` holds.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return Int(seconds) * 1_000
            + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
