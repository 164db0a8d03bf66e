import MartletModel
import Testing

@Suite struct DigestTests {
    // FIPS 180-4 examples as published by NIST, and the empty message
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func sha256(message: String, digest: String) {
        #expect(SHA256.hex(Array(message.utf8)) == digest)
    }

    @Test func sha256InPieces() {
        let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        for size in [1, 3, 55, 56, 63, 64, 65, 128, 999] {
            var digest = SHA256()
            var at = 0
            while at < message.count {
                message[at..<min(at + size, message.count)].withUnsafeBytes { digest.update($0) }
                at += size
            }
            #expect(Hex.text(digest.finalize()) == SHA256.hex(message), "pieces of \(size)")
        }
    }

    // RFC 3720, appendix B.4
    @Test func crc32c() {
        #expect(CRC32C.checksum([]) == 0)
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum(Array(0..<32)) == 0x46DD_794E)
        #expect(CRC32C.checksum(Array((0..<32).reversed())) == 0x113F_DB5C)
    }

    @Test func adler32() {
        #expect(Adler32.hex([]) == "00000001")
        #expect(Adler32.hex(Array("Wikipedia".utf8)) == "11e60398")
        // sums that overflow 32 bits unless they are reduced in time
        #expect(Adler32.hex([UInt8](repeating: 0xFF, count: 1_000_000)) == expectedLongSum())
    }

    private func expectedLongSum() -> String {
        var a: UInt64 = 1
        var b: UInt64 = 0
        for _ in 0..<1_000_000 {
            a = (a + 255) % 65521
            b = (b + a) % 65521
        }
        return Hex.text(UInt32(b << 16 | a))
    }

    @Test func canonicalEncodingKnowsNoOrder() throws {
        let one = try JSON.parse("{ \"b\": [1, 1.0, true], \"a\": {\"z\": \"é\\u0001\", \"y\": null}, \"B\": -1e-7 }")
        let two = try JSON.parse("{\"a\":{\"y\":null,\"z\":\"\\u00e9\\u0001\"},\"B\":-0.0000001,\"b\":[1,1.0,true]}")
        #expect(
            String(decoding: Canonical.encode(one), as: UTF8.self)
                == "{\"B\":-1e-07,\"a\":{\"y\":null,\"z\":\"é\\u0001\"},\"b\":[1,1.0,true]}")
        #expect(Canonical.digest(one) == Canonical.digest(two))
        #expect(Canonical.digest(.integer(1)) != Canonical.digest(.number(1)))
    }
}
