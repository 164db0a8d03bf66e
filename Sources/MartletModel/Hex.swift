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

    /// All digits of the value, the most significant first.
    public static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        var shift = value.bitWidth - 4
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: value >> shift) & 15
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            shift -= 4
        }
    }

    public static func text(_ value: some FixedWidthInteger) -> String {
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
