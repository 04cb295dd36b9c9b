internal import Dispatch
internal import Locking

/// Makes speech off the event loops, and remembers what it made.
///
/// Bounded: one subprocess at a time, few waiting, and a cache of limited size; where espeak-ng
/// is not installed, is busy or fails, soft tones of the right length take its place.
final class SpeechMaker: Sendable {
    private struct Key: Hashable {
        let text: String
        let voice: String
        let speed: Double
    }

    private struct State {
        var cache: [Key: [Int16]] = [:]
        /// Oldest first.
        var order: [Key] = []
        var cachedBytes = 0
        var waiting = 0
    }

    private static let cacheLimitBytes = 16 * 1_024 * 1_024
    private static let waitingLimit = 64

    private let voice: EspeakVoice?
    private let queue = DispatchQueue(label: "speech")
    private let state = Mutex(State())

    /// - Parameter usesEspeak: False for tones alone, which take no time.
    init(usesEspeak: Bool) {
        voice = usesEspeak ? EspeakVoice() : nil
    }

    /// Makes the audio of a request, coded in its format.
    ///
    /// The completion is called once: on another thread, or at once.
    func make(_ request: SpeechRequest, completion: @escaping @Sendable ([UInt8]) -> Void) {
        let key = Key(text: request.text, voice: request.voice, speed: request.speed)
        if let samples = state.withLock({ $0.cache[key] }) {
            return completion(Self.code(samples, request.format))
        }
        guard let voice, request.text.utf8.count <= EspeakVoice.textLimitBytes, beginWaiting()
        else {
            let samples = Tones.samples(for: request.text, speed: request.speed)
            return completion(Self.code(samples, request.format))
        }
        queue.async { [self] in
            let spoken = voice.samples(for: key.text, voice: key.voice, speed: key.speed)
            endWaiting(key, spoken)
            let samples = spoken ?? Tones.samples(for: key.text, speed: key.speed)
            completion(Self.code(samples, request.format))
        }
    }

    private func beginWaiting() -> Bool {
        state.withLock { state in
            guard state.waiting < Self.waitingLimit else { return false }
            state.waiting += 1
            return true
        }
    }

    private func endWaiting(_ key: Key, _ samples: [Int16]?) {
        state.withLock { state in
            state.waiting -= 1
            guard let samples, state.cache[key] == nil else { return }
            state.cache[key] = samples
            state.order.append(key)
            state.cachedBytes += samples.count * 2
            while state.cachedBytes > Self.cacheLimitBytes, !state.order.isEmpty {
                let oldest = state.order.removeFirst()
                state.cachedBytes -= (state.cache.removeValue(forKey: oldest)?.count ?? 0) * 2
            }
        }
    }

    /// Telephone formats have a third of the rate; the mean of three samples is one of theirs.
    private static func code(_ samples: [Int16], _ format: AudioFormat) -> [UInt8] {
        guard format != .pcm else { return format.bytes(of: samples) }
        let fewer = stride(from: 0, to: samples.count - 2, by: 3).map { index -> Int16 in
            let sum = samples[index..<index + 3].reduce(0) { $0 + Int($1) }
            return Int16(sum / 3)
        }
        return format.bytes(of: fewer)
    }
}
