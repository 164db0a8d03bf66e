/// Lower-case hexadecimal, as in every digest that Martlet writes.
public enum Hex {
    /// 0-15, nil for a byte that is no hexadecimal digit of either case.
    public static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): return digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): return digit - UInt8(ascii: "A") + 10
        default: return nil
        }
    }

    /// All digits of a value of 64 bits at the most, the most significant first.
    @inlinable
    public static func append(_ value: some FixedWidthInteger & UnsignedInteger, to bytes: inout [UInt8]) {
        append(UInt64(value), digits: value.bitWidth / 4, to: &bytes)
    }

    @usableFromInline
    static func append(_ value: UInt64, digits: Int, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: digits) { text in
            for place in 0..<digits {
                let digit = UInt8(truncatingIfNeeded: value &>> UInt64(4 * (digits - 1 - place))) & 15
                text[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            bytes.append(contentsOf: UnsafeBufferPointer(text))
        }
    }

    public static func text(_ value: some FixedWidthInteger & UnsignedInteger) -> String {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    public static func text(_ value: some Sequence<UInt8>) -> String {
        var bytes: [UInt8] = []
        for byte in value { append(byte, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
