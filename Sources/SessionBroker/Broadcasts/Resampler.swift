internal import CSampleRate

/// Brings a stream of PCM (16 bits, mono, little-endian) to upstream's 24 kHz, by libsamplerate.
///
/// Not thread-safe: whoever owns it calls it on one thread.
final class Resampler {
    /// The rates that speakers may have.
    static let rates = [16_000, 24_000, 48_000]
    /// Upstream's rate.
    static let targetRate = 24_000

    /// `SRC_STATE *`; nil where nothing is to be done.
    private let state: OpaquePointer?
    private let ratio: Double
    /// Half a sample that waits for its other half.
    private var oddByte: UInt8?

    /// A resampler from one of ``rates``; nil for any other, or without memory.
    init?(rate: Int) {
        guard Self.rates.contains(rate) else { return nil }
        ratio = Double(Self.targetRate) / Double(rate)
        guard rate != Self.targetRate else {
            state = nil
            return
        }
        var error: Int32 = 0
        // The middle of the sinc converters: what it costs for speech is far below one per cent.
        state = src_new(Int32(SRC_SINC_MEDIUM_QUALITY), 1, &error)
        if state == nil { return nil }
    }

    deinit {
        if let state { _ = src_delete(state) }
    }

    /// The same sound at 24 kHz; the filter holds back a few milliseconds until ``finish()``.
    func convert(_ bytes: [UInt8]) -> [UInt8] {
        let whole = wholeSamples(bytes)
        return state == nil ? whole : process(whole, isLast: false)
    }

    /// What the filter held back.
    func finish() -> [UInt8] {
        state == nil ? [] : process([], isLast: true)
    }

    private func wholeSamples(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if let oddByte { bytes.insert(oddByte, at: 0) }
        oddByte = bytes.count % 2 == 0 ? nil : bytes.removeLast()
        return bytes
    }

    private func process(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
        var input = Self.floats(bytes)
        var output: [UInt8] = []
        // Room for all that one call can give, and for what the filter held back.
        var chunk = [Float](repeating: 0, count: Int(Double(input.count) * ratio) + 4_096)
        var used = 0
        repeat {
            var data = SRC_DATA()
            let isDone = input.withUnsafeMutableBufferPointer { source in
                chunk.withUnsafeMutableBufferPointer { target in
                    data.data_in = source.baseAddress.map { UnsafePointer($0 + used) }
                    data.input_frames = source.count - used
                    data.data_out = target.baseAddress
                    data.output_frames = target.count
                    data.src_ratio = ratio
                    data.end_of_input = isLast ? 1 : 0
                    return src_process(state, &data) != 0
                }
            }
            used += data.input_frames_used
            output += Self.bytes(chunk[..<data.output_frames_gen])
            if isDone || (data.output_frames_gen == 0 && data.input_frames_used == 0) { break }
        } while used < input.count
        return output
    }

    private static func floats(_ bytes: [UInt8]) -> [Float] {
        // libsamplerate wants a pointer even for nothing.
        guard !bytes.isEmpty else { return [] }
        return stride(from: 0, to: bytes.count, by: 2).map { index in
            let sample = Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)
            return Float(sample) / 32_768
        }
    }

    private static func bytes(_ samples: ArraySlice<Float>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 2)
        for sample in samples {
            let value = UInt16(bitPattern: Int16(max(-32_768, min(32_767, sample * 32_768))))
            bytes.append(UInt8(truncatingIfNeeded: value))
            bytes.append(UInt8(value >> 8))
        }
        return bytes
    }
}
