import MartletModel

/// Where reports of executions go.
public protocol RecordStore: AnyObject {
    /// Unique: what its records are called by, with their numbers (`ReportName`).
    var segment: String { get }
    /// Appends records, all or none, and hands them to the operating system: after the return they survive `kill -9`
    /// of this process, and after the next `settle()` a power cut.
    /// - Parameter lines: the members of one JSON object each, in UTF-8, without its braces and without line feeds.
    /// - Returns: the number of the last of them in its segment, counted from 1.
    func append(lines: [[UInt8]]) throws(Diagnostic) -> UInt64
    /// Forces what was appended to disk.
    func settle() throws(Diagnostic)
}

extension RecordStore {
    /// Appends one record.
    public func append(_ members: [UInt8]) throws(Diagnostic) -> UInt64 { try append(lines: [members]) }
}

/// Where intentions to submit jobs are kept.
public protocol SubmissionLedger: AnyObject {
    /// On disk (fdatasync) when this returns: these tags are about to be submitted.
    func intend(_ entries: [LedgerEntry]) throws(Diagnostic)
    /// The batch system's answer.
    func submitted(tag: String, as job: JobID) throws(Diagnostic)
    /// The job is over and its result collected.
    func closed(tag: String, how: String) throws(Diagnostic)
    /// Entries intended or submitted but not closed, by this or any earlier driver.
    func open() throws(Diagnostic) -> [OpenJob]
    /// Lines that `open()` could not use, from the last time it was asked.
    var damage: [Diagnostic] { get }
}

public struct LedgerEntry: Equatable, Sendable {
    public var tag: String
    public var system: String
    /// What the job does: the task's id.
    public var subject: String
    public init(tag: String, system: String, subject: String) {
        self.tag = tag
        self.system = system
        self.subject = subject
    }
}

public struct OpenJob: Equatable, Sendable {
    public var entry: LedgerEntry
    /// nil when the driver died between the intention and the answer.
    public var job: JobID?
    public init(entry: LedgerEntry, job: JobID?) {
        self.entry = entry
        self.job = job
    }
}
