import Testing

@testable import SessionBroker

struct ResamplerTests {
    private func tone(_ hertz: Double, rate: Int, seconds: Double) -> [UInt8] {
        (0..<Int(Double(rate) * seconds)).flatMap { index -> [UInt8] in
            let angle = 2 * Double.pi * hertz * Double(index) / Double(rate)
            let sample = UInt16(bitPattern: Int16(10_000 * sine(angle)))
            return [UInt8(truncatingIfNeeded: sample), UInt8(sample >> 8)]
        }
    }

    /// A series, so that no C library is needed for a test.
    private func sine(_ angle: Double) -> Double {
        let turn = 2 * Double.pi
        let x = (angle - (angle / turn).rounded() * turn)
        var (term, sum) = (x, x)
        for n in stride(from: 3.0, through: 21, by: 2) {
            term *= -x * x / (n * (n - 1))
            sum += term
        }
        return sum
    }

    private func samples(_ bytes: [UInt8]) -> [Int16] {
        stride(from: 0, to: bytes.count - 1, by: 2).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
    }

    private func converted(_ bytes: [UInt8], rate: Int, piece: Int) throws -> [Int16] {
        let resampler = try #require(Resampler(rate: rate))
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            output += resampler.convert(Array(bytes[start..<min(start + piece, bytes.count)]))
        }
        return samples(output + resampler.finish())
    }

    @Test(arguments: [16_000, 24_000, 48_000], [320, 1_001, 1_000_000])
    func `a tone keeps its pitch, its length and its loudness`(_ rate: Int, _ piece: Int) throws {
        let output = try converted(tone(1_000, rate: rate, seconds: 0.5), rate: rate, piece: piece)
        #expect(abs(output.count - 12_000) <= 2)
        let middle = output[2_000..<10_000]
        let crossings = zip(middle, middle.dropFirst()).count { ($0 < 0) != ($1 < 0) }
        #expect(abs(crossings - 667) <= 2)
        #expect(abs(Int(middle.max() ?? 0) - 10_000) <= 200)
    }

    @Test func `what 24 kHz cannot hold is filtered out, not folded down`() throws {
        let output = try converted(
            tone(20_000, rate: 48_000, seconds: 0.2),
            rate: 48_000,
            piece: 960
        )
        #expect((output[500..<4_000].map { abs(Int($0)) }.max() ?? 0) < 100)
    }

    @Test func `sound at upstream's rate is left alone, half samples wait`() throws {
        let resampler = try #require(Resampler(rate: 24_000))
        #expect(resampler.convert([1, 2, 3]) == [1, 2])
        #expect(resampler.convert([4]) == [3, 4])
    }

    @Test(arguments: [0, 8_000, 44_100])
    func `other rates are refused`(_ rate: Int) {
        #expect(Resampler(rate: rate) == nil)
    }
}
