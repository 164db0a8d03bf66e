/// The one encoding under every digest that Martlet computes of a value.
///
/// JSON in UTF-8 without white space; members sorted by the bytes of their names; strings escape the quote, the
/// backslash and control characters and nothing else; integers in decimal; other numbers with the fewest digits that
/// give the same double back, so that `1` and `1.0` differ. Equal values have equal encodings on every machine. Text
/// is taken as it is: two spellings of one accented letter are two texts.
public enum Canonical {
    public static func encode(_ value: JSON) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(sorted(value))
        return writer.bytes
    }

    /// SHA-256 of the encoding, 64 hexadecimal digits.
    public static func digest(_ value: JSON) -> String { SHA256.hex(encode(value)) }

    private static func sorted(_ value: JSON) -> JSON {
        switch value {
        case .array(let values): return .array(values.map(sorted))
        case .object(let members):
            return .object(
                members.map { JSONMember($0.name, sorted($0.value)) }
                    .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        default: return value
        }
    }
}
