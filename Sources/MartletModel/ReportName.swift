/// The short name of one execution's report: the first 12 hexadecimal digits of SHA-256 over `segment/number`.
///
/// The execution's own identity is the segment that its process wrote and its number there. Of a million reports two have
/// the same short name with a probability of 0.2 %; whoever compares names compares those of one task.
public struct ReportName: Hashable, Sendable, CustomStringConvertible {
    public static let length = 12

    public let text: String

    public init(segment: String, number: UInt64) {
        text = String(SHA256.hex(Array("\(segment)/\(number)".utf8)).prefix(ReportName.length))
    }

    public var description: String { text }
}
