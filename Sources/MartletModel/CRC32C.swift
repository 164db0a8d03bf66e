/// CRC-32C (Castagnoli), as in iSCSI (RFC 3720, appendix B.4): guards the lines of record files.
public enum CRC32C {
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { table in
            var crc: UInt32 = ~0
            var at = 0
            // eight bytes a step, one table for each
            while at + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ UInt64(crc)
                crc = 0
                for i in 0..<8 { crc ^= table[(7 - i) << 8 | Int(truncatingIfNeeded: word >> (8 * i)) & 0xFF] }
                at += 8
            }
            while at < bytes.count {
                crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[at])) & 0xFF)]
                at += 1
            }
            return ~crc
        }
    }

    public static func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { checksum($0) } }

    /// Table k, entry b at `k << 8 | b`: the effect of byte b followed by k zero bytes.
    private static let tables: [UInt32] = {
        var table = [UInt32](repeating: 0, count: 8 << 8)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            table[byte] = crc
        }
        for i in 256..<(8 << 8) {
            let before = table[i - 256]
            table[i] = before >> 8 ^ table[Int(before & 0xFF)]
        }
        return table
    }()
}
