internal import Glibc

/// espeak-ng as a subprocess: text in, samples out. https://github.com/espeak-ng/espeak-ng
///
/// Blocks, so it is called on threads that may.
struct EspeakVoice: Sendable {
    /// A longer text would take too long; it is spoken in tones.
    static let textLimitBytes = 4_000
    /// Three minutes of sound; more is cut.
    private static let outputLimitBytes = 8 * 1_024 * 1_024

    private let path: String

    /// Nil when it is not installed.
    init?() {
        let folders = ["/usr/bin", "/usr/local/bin", "/bin"]
        let found = folders.map { $0 + "/espeak-ng" }.first { access($0, X_OK) == 0 }
        guard let found else { return nil }
        path = found
    }

    /// Speaks a text; nil when the subprocess fails.
    ///
    /// - Returns: Samples at 24,000 a second.
    func samples(for text: String, voice: String, speed: Double) -> [Int16]? {
        let wordsPerMinute = Int(175 * min(max(speed, 0.25), 1.5))
        let arguments = [
            path, "--stdout", "-v", Self.variant(of: voice), "-s", String(wordsPerMinute), "--",
            // A text that begins with a dash is behind the end of options.
            text,
        ]
        guard let wave = run(arguments) else { return nil }
        return Self.samples(ofWave: wave).map { Self.resample($0.samples, from: $0.rate) }
    }

    /// One of espeak's voices for each name, always the same one.
    private static func variant(of voice: String) -> String {
        let variants = ["en-us+f3", "en-us+m3", "en-us+f2", "en-us+m1", "en-us+f4", "en-us+m7"]
        let sum = voice.utf8.reduce(0) { $0 &+ Int($1) }
        return variants[sum % variants.count]
    }

    private func run(_ arguments: [String]) -> [UInt8]? {
        var ends: [Int32] = [-1, -1]
        guard Self.makePipe(&ends) else { return nil }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var process = pid_t()
        let status = withCStrings(arguments) {
            posix_spawn(&process, path, &actions, nil, $0, environ)
        }
        close(ends[1])
        guard status == 0 else { return nil }
        let output = read(ends[0], from: process)
        var exit: Int32 = 0
        while waitpid(process, &exit, 0) == -1, errno == EINTR {}
        return exit == 0 ? output : nil
    }

    /// A pipe whose ends the subprocess has only as its standard output.
    private static func makePipe(_ ends: inout [Int32]) -> Bool {
        guard pipe(&ends) == 0 else { return false }
        return ends.allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }
    }

    /// Reads to the end; a subprocess that is silent for long or says too much is stopped.
    private func read(_ descriptor: Int32, from process: pid_t) -> [UInt8] {
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let isReady = poll(&wait, 1, 5_000) > 0
            guard isReady, output.count < Self.outputLimitBytes else {
                kill(process, SIGKILL)
                return output
            }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return output }
            output += chunk[..<count]
        }
    }

    private func withCStrings<Result>(
        _ texts: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }

    /// The samples of a WAVE file of 16 bits, mono; its length field is wrong when it was a pipe.
    private static func samples(ofWave bytes: [UInt8]) -> (samples: [Int16], rate: Int)? {
        guard bytes.count > 44, bytes[0..<4].elementsEqual("RIFF".utf8),
            bytes[36..<40].elementsEqual("data".utf8)
        else { return nil }
        let rate = (0..<4).reduce(0) { $0 | Int(bytes[24 + $1]) << (8 * $1) }
        guard rate > 0 else { return nil }
        return (AudioFormat.pcm.samples(of: bytes[44...]), rate)
    }

    /// Linear interpolation is enough for a voice like this.
    private static func resample(_ samples: [Int16], from rate: Int) -> [Int16] {
        guard rate != 24_000, samples.count > 1 else { return samples }
        return (0..<samples.count * 24_000 / rate).map { index in
            let position = index * rate
            let left = min(position / 24_000, samples.count - 2)
            let share = Double(position % 24_000) / 24_000
            let (a, b) = (Double(samples[left]), Double(samples[left + 1]))
            return Int16(a + (b - a) * share)
        }
    }
}
