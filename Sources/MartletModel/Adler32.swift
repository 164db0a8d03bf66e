/// Adler-32 (RFC 1950, section 8.2), the checksum that grid storage keeps of its files.
public struct Adler32: Sendable {
    private var a: UInt32 = 1
    private var b: UInt32 = 0

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var at = 0
        while at < bytes.count {
            // 5552 is the most bytes for which `b` stays within 32 bits
            let end = min(at + 5552, bytes.count)
            while at < end {
                a &+= UInt32(bytes[at])
                b &+= a
                at += 1
            }
            a %= 65521
            b %= 65521
        }
    }

    public var value: UInt32 { b << 16 | a }

    /// Eight hexadecimal digits.
    public static func hex(_ bytes: [UInt8]) -> String {
        var sum = Adler32()
        bytes.withUnsafeBytes { sum.update($0) }
        return Hex.text(sum.value)
    }
}
