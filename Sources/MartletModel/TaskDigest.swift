/// A task's id in eight bytes: what runs tell each other of the tasks that they claim.
///
/// Two of a million tasks have the same one with a probability of 3e-8; then one of them waits for the other, and
/// nothing worse.
public struct TaskDigest: Hashable, Sendable {
    public let raw: UInt64

    public init(raw: UInt64) { self.raw = raw }

    /// FNV-1a over the bytes, its bits mixed once more at the end.
    public init(of id: UnsafeRawBufferPointer) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= hash >> 33
        hash &*= 0xFF51_AFD7_ED55_8CCD
        raw = hash ^ (hash >> 33)
    }

    public init(of id: String) {
        var id = id
        self = id.withUTF8 { TaskDigest(of: UnsafeRawBufferPointer($0)) }
    }

    /// 16 hexadecimal digits.
    public var hex: String {
        let digits = String(raw, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// - Returns: nil for what `hex` cannot have been.
    public init?(hex: String) {
        guard hex.utf8.count == 16, let raw = UInt64(hex, radix: 16) else { return nil }
        self.raw = raw
    }
}
