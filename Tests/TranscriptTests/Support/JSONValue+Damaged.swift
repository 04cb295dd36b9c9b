import JSON

extension JSONValue {
    /// This value with members lost, or turned into something else, here and there.
    func damaged(using random: inout some RandomNumberGenerator) -> JSONValue {
        switch self {
        case .object(let object):
            var result = JSONObject()
            for (key, value) in object.members where Int.random(in: 0..<40, using: &random) > 0 {
                result[key] = value.damaged(using: &random)
            }
            return .object(result)
        case .array(let values):
            return .array(values.map { $0.damaged(using: &random) })
        default:
            let odd: [JSONValue] = [
                .null, -1, 1e300, "", [], [:], .integer(.max), "in_progress", true, [[:], nil],
            ]
            guard Int.random(in: 0..<30, using: &random) == 0 else { return self }
            return odd.randomElement(using: &random) ?? .null
        }
    }
}

/// Random numbers that are the same in each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
