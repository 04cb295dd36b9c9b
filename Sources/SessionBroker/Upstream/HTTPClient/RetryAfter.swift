internal import CCurl
internal import WebServer

/// The `Retry-After` header field (RFC 9110, 10.2.3).
enum RetryAfter {
    /// How many seconds an answer asks to wait, nil when it does not say or is unreadable.
    ///
    /// `now` is the wall clock in Unix seconds; a date in the past is 0 seconds.
    static func seconds(in response: IncomingResponse, now: Int64) -> Int64? {
        response.headers["Retry-After"].flatMap { seconds(in: $0, now: now) }
    }

    /// How many seconds a field value, a number or a date, asks to wait.
    static func seconds(in value: String, now: Int64) -> Int64? {
        guard !value.utf8.allSatisfy(isDigit) else { return Int64(value).map { min($0, limit) } }
        return unixSeconds(ofDate: value).map { min(max(0, $0 - now), limit) }
    }

    /// A day: whoever asks for more has no date of return that matters to a caller.
    private static let limit: Int64 = 86_400

    /// The three forms of RFC 9110, 5.6.7, and others that libcurl knows (curl_getdate(3)).
    private static func unixSeconds(ofDate text: String) -> Int64? {
        let seconds = curl_getdate(text, nil)
        return seconds < 0 ? nil : Int64(seconds)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
