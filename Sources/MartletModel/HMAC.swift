/// Keyed digests (RFC 2104) with SHA-256: who knows the key can tell that a message is from one who knows it.
public enum HMAC {
    /// The 32 bytes of the digest.
    public static func sha256(key: [UInt8], _ message: some Collection<UInt8>) -> [UInt8] {
        var block = key
        if block.count > 64 { block = digest(block) }
        block.append(contentsOf: repeatElement(0, count: 64 - block.count))
        let inner = digest(block.map { $0 ^ 0x36 } + message)
        return digest(block.map { $0 ^ 0x5c } + inner)
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var sum = SHA256()
        bytes.withUnsafeBytes { sum.update($0) }
        return sum.finalize()
    }
}
