extension JSON {
    /// Arrays and objects may be nested this deeply; deeper texts are refused, so that none can exhaust the stack.
    public static let deepest = 200

    /// Reads one JSON text, strictly: nothing but white space may stand around it, member names are unique, strings
    /// are valid UTF-8. An escaped surrogate without its partner, which no Swift string can hold, becomes U+FFFD.
    public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSON {
        var parser = JSONParser(bytes)
        return try parser.document()
    }

    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> JSON in try parse(buffer) }
    }

    public static func parse(_ text: String) throws(JSONError) -> JSON { try parse(Array(text.utf8)) }
}

/// Recursive descent over borrowed bytes, `JSON.deepest` levels at the most.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    var at = 0
    var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    func failure(_ reason: String, at offset: Int? = nil) -> JSONError {
        JSONError(offset: offset ?? at, reason: reason)
    }

    /// The byte at the cursor; 0 at the end, which no rule below accepts.
    var current: UInt8 { at < bytes.count ? bytes[at] : 0 }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value()
        skipSpace()
        guard at == bytes.count else { throw failure("unexpected text after the value") }
        return value
    }

    mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    mutating func value() throws(JSONError) -> JSON {
        skipSpace()
        guard at < bytes.count else { throw failure("unexpected end") }
        switch bytes[at] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"):
            return try nested { (parser: inout JSONParser) throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser: inout JSONParser) throws(JSONError) in try parser.array() }
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("a value was expected")
        }
    }

    mutating func nested(_ body: (inout JSONParser) throws(JSONError) -> JSON) throws(JSONError) -> JSON {
        guard depth < JSON.deepest else { throw failure("nested more than \(JSON.deepest) levels deep") }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let length = word.utf8CodeUnitCount
        guard at + length <= bytes.count else { throw failure("unexpected end", at: bytes.count) }
        for i in 0..<length where bytes[at + i] != word.utf8Start[i] { throw failure("a value was expected") }
        at += length
        return value
    }

    mutating func array() throws(JSONError) -> JSON {
        at += 1
        var values: [JSON] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            at += 1
            return .array(values)
        }
        while true {
            values.append(try value())
            skipSpace()
            switch current {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"):
                at += 1
                return .array(values)
            default: throw failure("',' or ']' was expected")
            }
        }
    }

    mutating func object() throws(JSONError) -> JSON {
        at += 1
        var members: [JSONMember] = []
        var names: Set<String> = []
        skipSpace()
        if current == UInt8(ascii: "}") {
            at += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw failure("a member name was expected") }
            let start = at
            let name = try string()
            // a set only pays once there are many members
            let seen: Bool
            if members.count < 16 {
                seen = members.contains { $0.name == name }
            } else {
                if members.count == 16 { names.formUnion(members.lazy.map(\.name)) }
                seen = !names.insert(name).inserted
            }
            if seen { throw failure("the member name occurs twice", at: start) }
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw failure("':' was expected") }
            at += 1
            members.append(JSONMember(name, try value()))
            skipSpace()
            switch current {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                at += 1
                return .object(members)
            default: throw failure("',' or '}' was expected")
            }
        }
    }

    mutating func number() throws(JSONError) -> JSON {
        let start = at
        var whole = true
        if current == UInt8(ascii: "-") { at += 1 }
        if current == UInt8(ascii: "0") {
            at += 1
        } else {
            try digits()
        }
        if current == UInt8(ascii: ".") {
            whole = false
            at += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            whole = false
            at += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { at += 1 }
            try digits()
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
        if whole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw failure("the number is too large", at: start) }
        return .number(value)
    }

    mutating func digits() throws(JSONError) {
        let start = at
        while at < bytes.count, bytes[at] >= UInt8(ascii: "0"), bytes[at] <= UInt8(ascii: "9") { at += 1 }
        guard at > start else { throw failure("a digit was expected") }
    }
}

// Strings.
extension JSONParser {
    mutating func string() throws(JSONError) -> String {
        at += 1
        let start = at
        // most strings have no escapes: one validating copy
        var union: UInt8 = 0
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\"), bytes[at] >= 0x20 {
            union |= bytes[at]
            at += 1
        }
        if current == UInt8(ascii: "\"") {
            let raw = UnsafeBufferPointer(rebasing: bytes[start..<at])
            let text = union < 0x80 ? String(decoding: raw, as: UTF8.self) : try text(raw, from: start)
            at += 1
            return text
        }
        var buffer = Array(bytes[start..<at])
        while true {
            guard at < bytes.count else { throw failure("unexpected end inside a string") }
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return try buffer.withUnsafeBufferPointer { (raw) throws(JSONError) in try text(raw, from: start) }
            case UInt8(ascii: "\\"): try escape(into: &buffer)
            case 0..<0x20: throw failure("a control character must be escaped")
            default:
                buffer.append(byte)
                at += 1
            }
        }
    }

    func text(_ raw: UnsafeBufferPointer<UInt8>, from start: Int) throws(JSONError) -> String {
        guard let text = String(validating: raw, as: UTF8.self) else {
            throw failure("the string is not valid UTF-8", at: start)
        }
        return text
    }

    mutating func escape(into buffer: inout [UInt8]) throws(JSONError) {
        at += 1
        let letter = current
        at += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(letter)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"): buffer.append(contentsOf: Array(String(try unicodeEscape()).utf8))
        default: throw failure("unknown escape", at: at - 2)
        }
    }

    /// The cursor stands behind `\u`.
    mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let replacement: Unicode.Scalar = "\u{FFFD}"
        guard first < 0xDC00, current == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "u")
        else { return replacement }
        let restart = at
        at += 2
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second) else {
            at = restart
            return replacement
        }
        return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)) ?? replacement
    }

    mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Hex.value(of: current) else { throw failure("four hexadecimal digits were expected") }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }
}
