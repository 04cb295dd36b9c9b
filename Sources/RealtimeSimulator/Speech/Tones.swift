internal import Glibc

/// Soft tones in place of a voice: one for each word, as long as the word takes to say.
enum Tones {
    /// Samples at 24,000 a second; at most a minute.
    static func samples(for text: String, speed: Double) -> [Int16] {
        var samples: [Int16] = []
        for (index, word) in text.split(separator: " ").prefix(200).enumerated() {
            let milliseconds = Double(120 + 55 * min(word.count, 12)) / speed
            // A pentatonic scale, so that any text sounds friendly.
            let steps = [0, 2, 4, 7, 9]
            let step = steps[(index + word.utf8.count) % steps.count]
            append(hertz: 220 * pow(2, Double(step) / 12), milliseconds, to: &samples)
            samples += [Int16](repeating: 0, count: Int(40 / speed) * 24)
        }
        return samples
    }

    /// The level stays far below full scale, and rises and falls without a click.
    private static func append(hertz: Double, _ milliseconds: Double, to samples: inout [Int16]) {
        let count = Int(milliseconds * 24)
        let fade = 480.0
        for index in 0..<count {
            let edge = min(Double(index), Double(count - index)) / fade
            let level = 3_000 * min(1, edge)
            samples.append(Int16(level * sin(2 * .pi * hertz * Double(index) / 24_000)))
        }
    }
}
