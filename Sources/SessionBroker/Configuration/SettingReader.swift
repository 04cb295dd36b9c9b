internal import Glibc

/// A setting that cannot be used; its text names the setting and says what is wrong.
public struct ConfigurationError: Error, CustomStringConvertible {
    /// One line for the operator.
    public let description: String

    /// Makes an error from its text.
    public init(_ description: String) {
        self.description = description
    }
}

/// Reads settings with their types and bounds.
struct SettingReader {
    private let settings: [String: String]

    init(_ settings: [String: String]) {
        self.settings = settings
    }

    /// The value or the default; empty counts as not given.
    func text(_ setting: Setting) -> String? {
        guard let value = settings[setting.rawValue], !value.isEmpty else {
            return setting.defaultText
        }
        return value
    }

    func required(_ setting: Setting) throws(ConfigurationError) -> String {
        guard let text = text(setting) else { throw error(setting, "is missing") }
        return text
    }

    func integer(
        _ setting: Setting,
        _ range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int {
        let text = try required(setting)
        guard let value = Int(text), range.contains(value) else {
            throw error(
                setting,
                "must be a number from \(range.lowerBound) to \(range.upperBound): \(text)"
            )
        }
        return value
    }

    /// Seconds, with a fraction if need be, up to an hour.
    func milliseconds(_ setting: Setting) throws(ConfigurationError) -> Int {
        let text = try required(setting)
        guard let seconds = Double(text), seconds > 0, seconds <= 3_600 else {
            throw error(setting, "must be seconds, more than 0 and up to 3600: \(text)")
        }
        return Int(seconds * 1_000)
    }

    /// Seconds, with a fraction if need be, up to a week; nil for "off".
    func optionalSeconds(_ setting: Setting) throws(ConfigurationError) -> Duration? {
        let text = try required(setting)
        if text.lowercased() == "off" { return nil }
        guard let seconds = Double(text), seconds > 0, seconds <= 604_800 else {
            throw error(setting, "must be off, or seconds from 0 to 604800: \(text)")
        }
        return .milliseconds(Int(seconds * 1_000))
    }

    func flag(_ setting: Setting) throws(ConfigurationError) -> Bool? {
        guard let text = text(setting) else { return nil }
        switch text.lowercased() {
        case "on", "true", "1", "yes": return true
        case "off", "false", "0", "no": return false
        default: throw error(setting, "must be on or off: \(text)")
        }
    }

    func list(_ setting: Setting) -> [String] {
        (text(setting) ?? "").split(separator: ",").map {
            String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    func origins(_ setting: Setting) throws(ConfigurationError) -> [String] {
        let origins = list(setting).map { $0.lowercased() }
        for origin in origins where origin != "*" && !Self.isOrigin(origin) {
            throw error(setting, "must hold origins such as https://example.com: \(origin)")
        }
        return origins
    }

    func httpURL(_ setting: Setting) throws(ConfigurationError) -> String {
        let text = try required(setting)
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
            throw error(setting, "must be an http or https URL: \(text)")
        }
        return text
    }

    func optionalHTTPURL(_ setting: Setting) throws(ConfigurationError) -> String? {
        text(setting) == nil ? nil : try httpURL(setting)
    }

    func contents(of path: String, _ setting: Setting) throws(ConfigurationError) -> [UInt8] {
        guard let file = fopen(path, "rb") else {
            throw error(setting, "names a file that cannot be read: \(path)")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes += chunk[..<count]
        }
        return bytes
    }

    func error(_ setting: Setting, _ problem: String) -> ConfigurationError {
        ConfigurationError("\(setting.rawValue) \(problem)")
    }

    private static func isOrigin(_ text: String) -> Bool {
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
            let host = text.dropFirst(scheme.count)
            return !host.isEmpty && !host.contains("/")
        }
        return false
    }
}
