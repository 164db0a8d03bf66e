import MartletModel

/// Where reports of executions go.
public protocol RecordStore: AnyObject {
    /// Appends one record and hands it to the operating system: after the return it survives `kill -9` of this
    /// process, and after the next `settle()` a power cut.
    /// - Parameter members: the members of one JSON object in UTF-8, without its braces and without line feeds.
    /// - Returns: the record's number in its segment, from 1.
    func append(_ members: [UInt8]) throws(Diagnostic) -> UInt64
    /// Forces what was appended to disk.
    func settle() throws(Diagnostic)
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
