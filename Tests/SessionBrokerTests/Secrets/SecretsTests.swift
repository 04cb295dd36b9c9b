import Testing

@testable import SessionBroker

@Suite struct SecretsTests {
    @Test func `SHA-256 gives the digest of FIPS 180-4's example`() throws {
        let digest = try SHA256.digest(of: Array("abc".utf8))
        #expect(
            digest.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
    }

    @Test func `HMAC-SHA-256 gives the code of an independent implementation`() throws {
        // python3 -c "import hmac; print(hmac.digest(b'\x0b'*32, b'Hi There', 'sha256').hex())"
        let code = try HMACSHA256.code(for: Array("Hi There".utf8), key: .make(0x0b))
        #expect(
            code.bytes.hex == "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"
        )
    }

    @Test func `codes are equal only when every byte is`() throws {
        let one = try HMACSHA256.code(for: [1], key: .make(1))
        let other = try HMACSHA256.code(for: [1], key: .make(2))
        #expect(one == HMACSHA256.Code(bytes: one.bytes))
        #expect(one != other)
        #expect(one != HMACSHA256.Code(bytes: Array(one.bytes.dropLast())))
        #expect(one != HMACSHA256.Code(bytes: one.bytes.dropLast() + [~one.bytes[31]]))
    }

    @Test func `random bytes differ, and come in the number asked for`() throws {
        #expect(try SecureRandom.bytes(0).isEmpty)
        #expect(try SecureRandom.bytes(16).count == 16)
        #expect(try SecureRandom.bytes(16) != SecureRandom.bytes(16))
    }

    @Test func `purposes have different keys, and one purpose always the same`() throws {
        let keyring = Keyring(master: .make(7))
        let cookie = try keyring.key(for: .cookie).copy
        #expect(cookie == (try keyring.key(for: .cookie).copy))
        #expect(cookie != (try keyring.key(for: .idempotency).copy))
        #expect(cookie != (try Keyring(master: .make(8)).key(for: .cookie).copy))
        #expect(cookie != SecretKey.make(7).copy)
    }

    @Test func `a key shows nothing of itself`() {
        let key = SecretKey.make(0x41)
        var dumped = ""
        dump([key], to: &dumped)
        for text in ["\(key)", String(reflecting: key), String(describing: [key]), dumped] {
            #expect(text.contains("redacted"))
            #expect(!text.contains("65"))
        }
    }

    @Test func `a key has exactly 32 bytes`() {
        #expect(SecretKey(exactly: Array(repeating: 0, count: 31)) == nil)
        #expect(SecretKey(exactly: Array(repeating: 0, count: 33)) == nil)
    }
}

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ])
    func `it gives the examples of RFC 4648`(text: String, expected: String) {
        #expect([UInt8](text.utf8).base64 == expected)
        #expect(Base64.decode(expected) == [UInt8](text.utf8))
    }

    @Test(arguments: ["Zg", "Zg=", "Z===", " Zg==", "Zm9v\n", "Zm8_", "Zü=="])
    func `what is no Base64 is none`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}

@Suite struct SealedBoxTests {
    private let key = SecretKey.make(3)

    @Test(arguments: [0, 1, 15, 16, 17, 10_000])
    func `what was sealed is opened again`(count: Int) throws {
        let text = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let box = try SealedBox.seal(text, key: key, associatedData: [9])
        #expect(box.count == count + 28)
        #expect(try SealedBox.open(box, key: key, associatedData: [9]) == text)
    }

    @Test func `it opens NIST's vector of AES-256-GCM`() throws {
        // SP 800-38D test case 14: zero key, zero nonce, a block of zeros.
        let box =
            [UInt8](repeating: 0, count: 12)
            + [UInt8](hex: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
        #expect(try SealedBox.open(box, key: .make(0)) == [UInt8](repeating: 0, count: 16))
    }

    @Test func `two boxes of the same text differ`() throws {
        #expect(try SealedBox.seal([1], key: key) != SealedBox.seal([1], key: key))
    }

    @Test func `a box with any bit changed stays shut`() throws {
        let box = try SealedBox.seal([1, 2, 3], key: key)
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(throws: SealedBox.OpenError.self) { try SealedBox.open(changed, key: key) }
        }
    }

    @Test func `another key, other data and a short box stay shut`() throws {
        let box = try SealedBox.seal([1, 2, 3], key: key, associatedData: [1])
        #expect(throws: SealedBox.OpenError.self) {
            try SealedBox.open(box, key: .make(4), associatedData: [1])
        }
        #expect(throws: SealedBox.OpenError.self) {
            try SealedBox.open(box, key: key, associatedData: [2])
        }
        #expect(throws: SealedBox.OpenError.self) { try SealedBox.open(box, key: key) }
        #expect(throws: SealedBox.OpenError.self) {
            try SealedBox.open(Array(box.prefix(27)), key: key, associatedData: [1])
        }
    }
}
