/// The short name of one execution's report: the first 12 hexadecimal digits of SHA-256 over `segment/number`.
///
/// The execution's own identity is the segment that its process wrote and its number there. Of a million reports two have
/// the same short name with a probability of 0.2 %; whoever compares names compares those of one task.
public struct ReportName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let length = 12

    /// Its 48 bits.
    public let raw: UInt64

    public init(segment: String, number: UInt64) {
        var bytes = Array(segment.utf8)
        bytes.reserveCapacity(bytes.count + 21)
        bytes.append(UInt8(ascii: "/"))
        JSONWriter.appendDecimal(number, to: &bytes)
        self.init(digestOf: bytes)
    }

    /// The name of something else that counts as a report's, by what it consists of.
    public init(digestOf bytes: [UInt8]) {
        raw = bytes.withUnsafeBytes { SHA256.beginning($0) } >> 16
    }

    /// nil when it is no name.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == ReportName.length, let raw = UInt64(text, radix: 16) else { return nil }
        self.raw = raw
    }

    public var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    public func append(to bytes: inout [UInt8]) { Hex.append(raw, digits: ReportName.length, to: &bytes) }

    public var description: String { text }
    public static func < (a: ReportName, b: ReportName) -> Bool { a.raw < b.raw }
}
