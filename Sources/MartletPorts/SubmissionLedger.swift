import MartletModel

/// Where intentions to submit jobs are kept. A job is an element of a submission; its slice are the tasks that it runs.
public protocol SubmissionLedger: AnyObject {
    /// On disk (fdatasync), all together, when this returns: these are about to be submitted.
    func intend(_ entries: [LedgerEntry]) throws(Diagnostic)
    /// Further slices of a submission whose jobs are pilots, on disk when this returns: its pilots are about to be told.
    /// - Parameter first: the number of the first of them: how many elements the submission has had so far.
    func extend(tag: String, from first: Int, _ elements: [[String]]) throws(Diagnostic)
    /// The batch system's answer: ids by element.
    func accepted(tag: String, _ ids: [Int: JobID]) throws(Diagnostic)
    /// Tasks whose jobs are over, and their results collected.
    func closed(tag: String, _ ends: [LedgerEnd]) throws(Diagnostic)
    /// Submissions of which something is not closed, by this or any earlier driver.
    func open() throws(Diagnostic) -> [OpenSubmission]
    /// Lines that `open()` could not use, from the last time it was asked.
    var damage: [Diagnostic] { get }
}

public struct LedgerEntry: Equatable, Sendable {
    public var tag: String
    /// The batch system's name.
    public var system: String
    /// Seconds since 1970-01-01 UTC.
    public var time: Int64
    /// Where it was submitted to, as in `JobOptions.queue`; nil: nowhere in particular, or that was not noted.
    public var queue: String?
    /// The ids of the tasks of each element, in order.
    public var elements: [[String]]
    /// Of pilots: how many jobs the submission has. They take the elements one after the other, each by a claim.
    /// nil: each element is a job.
    public var pilots: Int?
    public init(
        tag: String, system: String, time: Int64, queue: String? = nil, elements: [[String]], pilots: Int? = nil
    ) {
        self.tag = tag
        self.system = system
        self.time = time
        self.queue = queue
        self.elements = elements
        self.pilots = pilots
    }
}

/// How a job ended for the tasks of its slice, or for one of them; or how a pilot ended.
public struct LedgerEnd: Equatable, Sendable {
    public var element: Int
    /// The task's place in the slice; nil: all of them, or none, for a pilot.
    public var position: Int?
    /// In words.
    public var how: String
    /// `element` is the number of a pilot, not of a slice.
    public var isPilot = false
    public init(_ element: Int, position: Int? = nil, how: String) {
        self.element = element
        self.position = position
        self.how = how
    }
    public init(pilot: Int, how: String) {
        self.init(pilot, how: how)
        isPilot = true
    }
}

public struct OpenSubmission: Equatable, Sendable {
    public var entry: LedgerEntry
    /// By element; those of which the ledger knows no answer are not in it.
    public var ids: [Int: JobID]
    /// The places within its slice of tasks that are not closed, by element.
    public var open: [Int: [Int]]
    /// Pilots that have ended.
    public var endedPilots: Set<Int>
    public init(entry: LedgerEntry, ids: [Int: JobID], open: [Int: [Int]], endedPilots: Set<Int> = []) {
        self.entry = entry
        self.ids = ids
        self.open = open
        self.endedPilots = endedPilots
    }
}
