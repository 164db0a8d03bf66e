import MartletModel

/// Where reports of executions go.
public protocol RecordStore: AnyObject {
    /// Unique: what the records that were appended last are called by, with their numbers (`ReportName`). Another from one
    /// append to the next where somebody has taken what was recorded so far elsewhere.
    var segment: String { get }
    /// Appends records, all or none, and hands them to the operating system: after the return they survive `kill -9`
    /// of this process, and after the next `settle()` a power cut.
    /// - Parameter lines: the members of one JSON object each, in UTF-8, without its braces and without line feeds.
    /// - Returns: the number of the last of them in its segment, counted from 1.
    func append(lines: [[UInt8]]) throws(Diagnostic) -> UInt64
    /// Forces what was appended to disk.
    func settle() throws(Diagnostic)
    /// The moment (docs/reports.md) of what ends at a time: no record of this process's that ended by then has a later one.
    /// - Parameter time: nanoseconds since 1970-01-01 UTC, by this machine's clock.
    /// - Returns: nil before anything was appended.
    func moment(at time: Int64) -> Int64?
}

extension RecordStore {
    /// Appends one record.
    public func append(_ members: [UInt8]) throws(Diagnostic) -> UInt64 { try append(lines: [members]) }
}
