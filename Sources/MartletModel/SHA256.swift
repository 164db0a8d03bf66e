/// SHA-256 (FIPS 180-4, section 6.2).
public struct SHA256: Sendable {
    private var state = SHA256.initial
    private var blocks = DigestBlocks()

    /// FIPS 180-4, section 5.3.3.
    private static let initial = SIMD8<UInt32>(
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let whole = blocks.take(bytes)
        whole.first?.withUnsafeBytes { SHA256.compress(&state, $0, from: 0) }
        for block in 0..<whole.count { SHA256.compress(&state, bytes, from: whole.from + 64 * block) }
    }

    /// The 32 bytes of the digest.
    public consuming func finalize() -> [UInt8] {
        blocks.padding(\.bigEndian).withUnsafeBytes { update($0) }
        return (0..<8).flatMap { word in withUnsafeBytes(of: state[word].bigEndian) { Array($0) } }
    }

    /// 64 hexadecimal digits.
    public static func hex(_ bytes: [UInt8]) -> String {
        var digest = SHA256()
        bytes.withUnsafeBytes { digest.update($0) }
        return Hex.text(digest.finalize())
    }

    /// The first 64 bits of the digest of bytes that are all there; allocates nothing.
    static func beginning(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = SHA256.initial
        let rest = bytes.count % 64
        for start in stride(from: 0, to: bytes.count - rest, by: 64) { compress(&state, bytes, from: start) }
        // the last bytes, a bit, zeros, and how many bits there were
        let length = rest < 56 ? 64 : 128
        withUnsafeTemporaryAllocation(byteCount: length, alignment: 8) { last in
            last.initializeMemory(as: UInt8.self, repeating: 0)
            last.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - rest)...]))
            last[rest] = 0x80
            last.storeBytes(of: UInt64(bytes.count * 8).bigEndian, toByteOffset: length - 8, as: UInt64.self)
            for start in stride(from: 0, to: length, by: 64) { compress(&state, UnsafeRawBufferPointer(last), from: start) }
        }
        return UInt64(state[0]) << 32 | UInt64(state[1])
    }

    private static func compress(_ state: inout SIMD8<UInt32>, _ bytes: UnsafeRawBufferPointer, from start: Int) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { w in
            for t in 0..<16 {
                w[t] = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: start + 4 * t, as: UInt32.self))
            }
            for t in 16..<64 {
                let x = w[t - 15]
                let y = w[t - 2]
                let s0 = SHA256.rotate(x, 7) ^ SHA256.rotate(x, 18) ^ x >> 3
                let s1 = SHA256.rotate(y, 17) ^ SHA256.rotate(y, 19) ^ y >> 10
                w[t] = w[t - 16] &+ s0 &+ w[t - 7] &+ s1
            }
            SHA256.k.withUnsafeBufferPointer { k in
                for t in 0..<64 {
                    let s1 = SHA256.rotate(e, 6) ^ SHA256.rotate(e, 11) ^ SHA256.rotate(e, 25)
                    let t1 = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ k[t] &+ w[t]
                    let s0 = SHA256.rotate(a, 2) ^ SHA256.rotate(a, 13) ^ SHA256.rotate(a, 22)
                    let t2 = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
                    (h, g, f, e) = (g, f, e, d &+ t1)
                    (d, c, b, a) = (c, b, a, t1 &+ t2)
                }
            }
        }
        state = state &+ SIMD8(a, b, c, d, e, f, g, h)
    }

    @inline(__always) private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }

    /// FIPS 180-4, section 4.2.2: the fractional parts of the cube roots of the first 64 primes.
    private static let k: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
