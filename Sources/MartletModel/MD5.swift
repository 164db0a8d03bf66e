/// MD5 (RFC 1321), which stores keep of their files. It finds accidents; against those who mean it it is worth nothing.
public struct MD5: Sendable {
    private var state: (UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476)
    private var blocks = DigestBlocks()

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let whole = blocks.take(bytes)
        whole.first?.withUnsafeBytes { compress($0, blocks: 1, from: 0) }
        compress(bytes, blocks: whole.count, from: whole.from)
    }

    /// The 16 bytes of the digest.
    public consuming func finalize() -> [UInt8] {
        blocks.padding(\.littleEndian).withUnsafeBytes { update($0) }
        return [state.0, state.1, state.2, state.3].flatMap { word in
            withUnsafeBytes(of: word.littleEndian) { Array($0) }
        }
    }

    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var digest = MD5()
        bytes.withUnsafeBytes { digest.update($0) }
        return digest.finalize()
    }

    // Section 3.4. Each of the four rounds takes the words in an order of its own and turns by four amounts in turn.
    private mutating func compress(_ bytes: UnsafeRawBufferPointer, blocks: Int, from start: Int) {
        var (a, b, c, d) = state
        MD5.sines.withUnsafeBufferPointer { sines in
            var at = start
            for _ in 0..<blocks {
                let old = (a, b, c, d)
                @inline(__always) func word(_ k: Int) -> UInt32 {
                    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 4 * k, as: UInt32.self))
                }
                @inline(__always) func turn(_ mixed: UInt32, _ k: Int, _ i: Int, _ by: UInt32) {
                    let x = a &+ mixed &+ word(k) &+ sines[i]
                    (a, d, c, b) = (d, c, b, b &+ (x &<< by | x &>> (32 &- by)))
                }
                for i in stride(from: 0, to: 16, by: 4) {
                    turn(d ^ (b & (c ^ d)), i, i, 7)
                    turn(d ^ (b & (c ^ d)), i + 1, i + 1, 12)
                    turn(d ^ (b & (c ^ d)), i + 2, i + 2, 17)
                    turn(d ^ (b & (c ^ d)), i + 3, i + 3, 22)
                }
                for i in stride(from: 16, to: 32, by: 4) {
                    turn(c ^ (d & (b ^ c)), (5 * i + 1) & 15, i, 5)
                    turn(c ^ (d & (b ^ c)), (5 * i + 6) & 15, i + 1, 9)
                    turn(c ^ (d & (b ^ c)), (5 * i + 11) & 15, i + 2, 14)
                    turn(c ^ (d & (b ^ c)), 5 * i & 15, i + 3, 20)
                }
                for i in stride(from: 32, to: 48, by: 4) {
                    turn(b ^ c ^ d, (3 * i + 5) & 15, i, 4)
                    turn(b ^ c ^ d, (3 * i + 8) & 15, i + 1, 11)
                    turn(b ^ c ^ d, (3 * i + 11) & 15, i + 2, 16)
                    turn(b ^ c ^ d, (3 * i + 14) & 15, i + 3, 23)
                }
                for i in stride(from: 48, to: 64, by: 4) {
                    turn(c ^ (b | ~d), 7 * i & 15, i, 6)
                    turn(c ^ (b | ~d), (7 * i + 7) & 15, i + 1, 10)
                    turn(c ^ (b | ~d), (7 * i + 14) & 15, i + 2, 15)
                    turn(c ^ (b | ~d), (7 * i + 21) & 15, i + 3, 21)
                }
                (a, b, c, d) = (a &+ old.0, b &+ old.1, c &+ old.2, d &+ old.3)
                at += 64
            }
        }
        state = (a, b, c, d)
    }

    /// Section 3.4: the whole part of 2^32 times the sine of 1 to 64.
    private static let sines: [UInt32] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ]
}
