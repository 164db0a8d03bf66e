import MartletModel
import Testing

@Suite struct EncodingTests {
    // RFC 1321, appendix A.5
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
        (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
    ])
    func md5(message: String, digest: String) {
        #expect(Hex.text(MD5.digest(Array(message.utf8))) == digest)
    }

    @Test func md5InPieces() {
        let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        for size in [1, 3, 55, 56, 63, 64, 65, 128, 999] {
            var digest = MD5()
            var rest = message[...]
            while !rest.isEmpty {
                rest.prefix(size).withUnsafeBytes { digest.update($0) }
                rest = rest.dropFirst(size)
            }
            #expect(digest.finalize() == MD5.digest(message), "pieces of \(size)")
        }
    }

    // RFC 4231, test cases 1, 2, 6
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func hmac(key: [UInt8], message: String, digest: String) {
        #expect(Hex.text(HMAC.sha256(key: key, message.utf8)) == digest)
    }

    // RFC 4648, section 10
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64(plain: String, text: String) {
        #expect(Base64.text(Array(plain.utf8)) == text)
        #expect(Base64.bytes(text) == Array(plain.utf8))
    }

    @Test func base64RefusesWhatItDoesNotKnow() {
        for text in ["Zg", "Zg=", "Z===", "Zm9v!mFy", "====", "Zm9vYg==Zm9v", "Zm=v"] { #expect(Base64.bytes(text) == nil, "\(text)") }
        let all = (0...255).map { UInt8($0) }
        #expect(Base64.bytes(Base64.text(all)) == all)
    }

    @Test(arguments: [
        ("-._~09AZaz", "-._~09AZaz"), ("a b+c/é%", "a%20b%2Bc%2F%C3%A9%25"), ("!'()*", "%21%27%28%29%2A"), ("", ""),
    ])
    func percent(plain: String, text: String) {
        #expect(PercentEncoding.text(plain) == text)
        #expect(PercentEncoding.decoded(text) == plain)
    }

    @Test func percentKeepsSlashesAndRefusesWhatIsNone() {
        #expect(PercentEncoding.text("/a b/c", keepingSlashes: true) == "/a%20b/c")
        #expect(PercentEncoding.decoded("a+b%2f") == "a+b/")
        for text in ["%", "%2", "%zz", "%ff"] { #expect(PercentEncoding.decoded(text) == nil, "\(text)") }
    }
}
