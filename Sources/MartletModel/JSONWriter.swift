/// Appends compact JSON to a byte array, putting the commas in by itself.
///
/// The caller keeps the structure right: names only inside objects, every begin with its end.
public struct JSONWriter: Sendable {
    public var bytes: [UInt8]
    private var needsComma = false

    public init(reserving capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Goes on behind what `bytes` holds.
    /// - Parameter afterMember: the bytes end with a member or value, so that the next one needs a comma.
    public init(appendingTo bytes: consuming [UInt8], afterMember: Bool = false) {
        self.bytes = bytes
        needsComma = afterMember
    }

    @usableFromInline
    mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    public mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    public mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    public mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    public mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A member's name; its value is the next thing written.
    public mutating func name(_ name: String) {
        separate()
        JSONWriter.appendQuoted(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The same for a name that is written in the program: ASCII without anything to escape.
    public mutating func name(literal name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ value: String) {
        separate()
        JSONWriter.appendQuoted(value, to: &bytes)
    }

    /// Bytes that should be UTF-8, e.g. a path; what is not becomes U+FFFD.
    public mutating func string(repairing raw: some Collection<UInt8>) {
        let isPlain: Bool? = raw.withContiguousStorageIfAvailable { utf8 in
            guard utf8.allSatisfy({ $0 < 0x80 }) else { return false }
            separate()
            JSONWriter.appendQuoted(utf8: utf8, to: &bytes)
            return true
        }
        if isPlain != true { string(String(decoding: raw, as: UTF8.self)) }
    }

    /// Integers of 64 bits at the most.
    @inlinable
    public mutating func integer(_ value: some FixedWidthInteger) {
        separate()
        JSONWriter.appendDecimal(value, to: &bytes)
    }

    /// The fewest digits that give the same double back. JSON has no infinities and no NaN: those become null.
    public mutating func number(_ value: Double) {
        separate()
        bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    }

    public mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    public mutating func value(_ json: JSON) {
        switch json {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let values):
            beginArray()
            for value in values { self.value(value) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                name(member.name)
                value(member.value)
            }
            endObject()
        }
    }

    /// Members or a value that are JSON already; nothing when empty.
    public mutating func verbatim(_ json: some Collection<UInt8>) {
        if json.isEmpty { return }
        separate()
        bytes.append(contentsOf: json)
    }

    /// Appends a string with its quotes. Escaped are the quote, the backslash and control characters, no others.
    public static func appendQuoted(_ value: String, to bytes: inout [UInt8]) {
        var value = value
        value.withUTF8 { appendQuoted(utf8: $0, to: &bytes) }
    }

    private static func appendQuoted(utf8: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var clean = 0
        for (i, byte) in utf8.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[clean..<i]))
            appendEscape(byte, to: &bytes)
            clean = i + 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[clean...]))
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            Hex.append(byte, to: &bytes)
        }
    }

    /// Integers of 64 bits at the most.
    @inlinable
    public static func appendDecimal(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        appendDecimal(magnitude: UInt64(value.magnitude), to: &bytes)
    }

    @usableFromInline
    static func appendDecimal(magnitude: UInt64, to bytes: inout [UInt8]) {
        // as many digits as 64 bits have at the most
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var begin = 20
            var rest = magnitude
            repeat {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                begin -= 1
                digits[begin] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[begin...]))
        }
    }
}
