/// A JSON value (RFC 8259). Objects keep the order of their members.
///
/// Whole numbers that fit into 64 bits are `integer`; every other number is a `number`, to double precision.
public enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([JSONMember])

    /// The first member of that name; nil when there is none or this is no object.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        for member in members where member.name == name { return member.value }
        return nil
    }

    public var string: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    public var bool: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// Whole numbers only; a `number` is never rounded.
    public var integer: Int64? {
        if case .integer(let value) = self { return value }
        return nil
    }

    /// Any number as a double; an integer beyond 2^53 loses digits.
    public var double: Double? {
        switch self {
        case .integer(let value): return Double(value)
        case .number(let value): return value
        default: return nil
        }
    }

    public var array: [JSON]? {
        if case .array(let value) = self { return value }
        return nil
    }

    public var members: [JSONMember]? {
        if case .object(let value) = self { return value }
        return nil
    }

    /// Compact text, members in their own order.
    public var text: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension JSON: ExpressibleByDictionaryLiteral {
    /// An object with its members in the order in which they are written.
    public init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(members.map { JSONMember($0.0, $0.1) })
    }
}

extension JSON {
    /// null for nil.
    public init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }
    public init(_ value: Double?) { self = value.map { .number($0) } ?? .null }
    public init(_ value: String?) { self = value.map { .string($0) } ?? .null }
    public init(_ value: Int) { self = .integer(Int64(value)) }
}

/// A name and a value inside a JSON object.
public struct JSONMember: Equatable, Sendable {
    public var name: String
    public var value: JSON
    public init(_ name: String, _ value: JSON) {
        self.name = name
        self.value = value
    }
}

/// Why a text is no JSON, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Bytes from the start of the text.
    public let offset: Int
    public let reason: String
    public var description: String { "\(reason) at byte \(offset)" }
}
