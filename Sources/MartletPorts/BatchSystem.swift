import MartletModel

/// A system that runs jobs elsewhere. Three batched calls; the loop that submits, polls and retries is
/// `MartletRuntime.RemoteJobs`, one for all.
public protocol BatchSystem: Sendable {
    /// The name on the command line: `--batch NAME`.
    static var name: String { get }

    /// Hands jobs over. Every job's tag is already in the ledger, on disk, before this is called.
    /// One answer per job, in order. A failure says nothing about whether the job was accepted: the tag tells.
    func submit(_ jobs: [JobDescription]) -> [Result<JobID, BatchError>]
    /// The state of each job, in order. A batch system that cannot be asked at the moment throws.
    func query(_ jobs: [JobID]) throws(BatchError) -> [JobState]
    /// Jobs of ours by tag, whether or not `submit` was seen to succeed: what a restarted driver asks first.
    func find(tags: [String]) throws(BatchError) -> [String: JobID]
    func cancel(_ jobs: [JobID]) throws(BatchError)
}

public struct JobDescription: Equatable, Sendable {
    /// Unique for ever; the batch system carries it as the job's name.
    public var tag: String
    public var command: [String]
    /// Absolute path in which the command starts.
    public var directory: String
    /// Absolute path to which the job's output and errors are appended.
    public var log: String
    public init(tag: String, command: [String], directory: String, log: String) {
        self.tag = tag
        self.command = command
        self.directory = directory
        self.log = log
    }
}

/// A batch system's own name for a job.
public struct JobID: Hashable, Sendable {
    public var raw: String
    public init(_ raw: String) { self.raw = raw }
}

public struct BatchError: Error, Equatable, Sendable {
    public enum Class: String, CaseIterable, Sendable {
        /// Ask again later.
        case transient
        /// Asking again is of no use: a refused job, an unknown partition.
        case refused
    }
    public var kind: Class
    public var message: String
    public init(_ kind: Class, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
