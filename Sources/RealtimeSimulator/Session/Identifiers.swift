/// Makes ids and padding of upstream's shapes: a prefix and random letters and digits.
struct Identifiers: Sendable {
    private var state: UInt64

    /// The same seed makes the same ids, which tests rely on.
    init(seed: UInt64 = .random(in: 0...UInt64.max)) {
        state = seed
    }

    private static let alphabet = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8
    )

    mutating func event() -> String { make("event_", 21) }
    mutating func item() -> String { make("item_", 21) }
    mutating func response() -> String { make("resp_", 21) }
    mutating func message() -> String { make("msg_", 21) }
    mutating func conversation() -> String { make("conv_", 21) }
    mutating func session() -> String { make("sess_", 21) }
    mutating func call() -> String { make("call_", 16) }
    /// The id of a WebRTC call, with a region as upstream's have it.
    mutating func webRTCCall() -> String { make("rtc_u0_", 21) }
    /// Letters and digits.
    mutating func token(_ count: Int) -> String { make("", count) }
    /// A positive number of 63 bits.
    mutating func number() -> UInt64 { next() >> 1 }

    /// What a hash of 32 bytes looks like in SDP.
    mutating func fingerprint() -> String {
        let digits = Array("0123456789ABCDEF")
        return (0..<32).map { _ in
            let byte = Int(next() % 256)
            return "\(digits[byte / 16])\(digits[byte % 16])"
        }.joined(separator: ":")
    }

    /// Padding that makes a delta 16 characters long, which is what upstream does.
    mutating func obfuscation(for delta: String) -> String {
        make("", max(0, 16 - delta.unicodeScalars.count))
    }

    private mutating func make(_ prefix: String, _ count: Int) -> String {
        var bytes = Array(prefix.utf8)
        bytes.reserveCapacity(bytes.count + count)
        var pool: UInt64 = 0
        for index in 0..<count {
            // One random number is good for ten characters of almost six bits.
            if index % 10 == 0 { pool = next() }
            bytes.append(Self.alphabet[Int(pool % 62)])
            pool /= 62
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// SplitMix64: ids need to differ, not to be secret.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
