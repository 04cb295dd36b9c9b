import JSON

/// A small, well-known generator (SplitMix64), so that a failing case can be seen again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension JSONValue {
    static func random(depth: Int, using random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .integer(.random(in: .min ... .max, using: &random))
        case 3: .number(.random(in: -1e9...1e9, using: &random))
        case 4: .string(randomText(using: &random))
        case 5: .array(randomArray(depth: depth, using: &random))
        default: .object(randomObject(depth: depth, using: &random))
        }
    }

    private static func randomArray(
        depth: Int,
        using random: inout SeededGenerator
    ) -> [JSONValue] {
        var values: [JSONValue] = []
        for _ in 0..<Int.random(in: 0..<5, using: &random) {
            values.append(.random(depth: depth - 1, using: &random))
        }
        return values
    }

    private static func randomObject(
        depth: Int,
        using random: inout SeededGenerator
    ) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0..<5, using: &random) {
            object[randomText(using: &random)] = .random(depth: depth - 1, using: &random)
        }
        return object
    }

    private static func randomText(using random: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
            let point = UInt32.random(in: 1...0x10FFFF, using: &random)
            text.append(Unicode.Scalar(point) ?? "\\")
        }
        return String(text)
    }
}
