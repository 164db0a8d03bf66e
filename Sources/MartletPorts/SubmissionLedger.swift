import MartletModel

/// Where intentions to submit jobs are kept. A job is an element of a submission; its slice are the tasks that it runs.
///
/// Used from one thread at a time. What cannot be written or read is thrown as a `Diagnostic` that names the file; then
/// nothing may be submitted.
public protocol SubmissionLedger: AnyObject {
    /// On disk (fdatasync), all together, when this returns: these are about to be submitted.
    func intend(_ entries: [LedgerEntry]) throws(Diagnostic)
    /// Further slices of a submission whose jobs are pilots, on disk when this returns: its pilots are about to be told.
    /// - Parameter first: the number of the first of them: how many elements the submission has had so far.
    func extend(tag: String, from first: Int, _ slices: LedgerSlices) throws(Diagnostic)
    /// The batch system's answer: ids by element.
    func accepted(tag: String, _ ids: [Int: JobID]) throws(Diagnostic)
    /// Tasks whose jobs are over, and their results collected.
    func closed(tag: String, _ ends: [LedgerEnd]) throws(Diagnostic)
    /// What these tasks of a submission have used up counts no more: a run that has come to its end has told that they failed.
    func forget(tag: String, _ tasks: [String]) throws(Diagnostic)
    /// Submissions of which something is not closed, by this or any earlier driver.
    func open() throws(Diagnostic) -> [OpenSubmission]
    /// Lines that `open()` could not use, from the last time it was asked.
    var damage: [Diagnostic] { get }
    /// What is left of tasks that have no job at the moment, by their ids, from the last time `open()` was asked.
    var closedTries: [String: ClosedTries] { get }
}

/// Tasks by the element of a submission that runs them.
public struct LedgerSlices: Equatable, Sendable {
    /// Where a task stands in a submission.
    public struct Place: Hashable, Sendable {
        public var element: Int
        public var position: Int
        public init(_ element: Int, _ position: Int) {
            self.element = element
            self.position = position
        }
    }

    /// The ids of the tasks of each element, in order; of those that run as one the first.
    public var elements: [[String]]
    /// The others of those that run as one, by the place of the first.
    public var followers: [Place: [String]]
    /// What tasks have used up before, by id; nothing for a first try.
    public var tries: [String: JobTries]

    public init(_ elements: [[String]], followers: [Place: [String]] = [:], tries: [String: JobTries] = [:]) {
        self.elements = elements
        self.followers = followers
        self.tries = tries
    }

    /// All ids, in no order.
    public var tasks: [String] { elements.flatMap(\.self) + followers.values.flatMap(\.self) }

    /// What runs at a place: one task, or those that run as one.
    public func tasks(_ element: Int, _ position: Int) -> [String] {
        [elements[element][position]] + (followers.isEmpty ? [] : followers[Place(element, position)] ?? [])
    }
}

/// A submission, as it is noted before it is made.
public struct LedgerEntry: Equatable, Sendable {
    public var tag: String
    /// The batch system's name.
    public var system: String
    /// Seconds since 1970-01-01 UTC.
    public var time: Int64
    /// Where it was submitted to, as in `JobOptions.queue`; nil: nowhere in particular, or that was not noted.
    public var queue: String?
    public var slices: LedgerSlices
    /// Of pilots: how many jobs the submission has. They take the elements one after the other, each by a claim.
    /// nil: each element is a job.
    public var pilots: Int?
    public init(
        tag: String, system: String, time: Int64, queue: String? = nil, elements: [[String]], pilots: Int? = nil
    ) {
        self.init(tag: tag, system: system, time: time, queue: queue, slices: LedgerSlices(elements), pilots: pilots)
    }

    public init(tag: String, system: String, time: Int64, queue: String? = nil, slices: LedgerSlices, pilots: Int? = nil) {
        self.tag = tag
        self.system = system
        self.time = time
        self.queue = queue
        self.slices = slices
        self.pilots = pilots
    }

    /// See `LedgerSlices.elements`.
    public var elements: [[String]] { slices.elements }
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
    /// What its tasks have used up by now, by id, where another job may follow.
    public var tries: [String: JobTries] = [:]
    public init(_ element: Int, position: Int? = nil, how: String, tries: [String: JobTries] = [:]) {
        self.element = element
        self.position = position
        self.how = how
        self.tries = tries
    }
    public init(pilot: Int, how: String) {
        self.init(pilot, how: how)
        isPilot = true
    }
}

/// A submission of which something is not closed.
public struct OpenSubmission: Equatable, Sendable {
    public var entry: LedgerEntry
    /// By element; those of which the ledger knows no answer are not in it.
    public var ids: [Int: JobID]
    /// The places within its slice of tasks that are not closed, by element.
    public var open: [Int: [Int]]
    /// Ids of the tasks of an element that are not closed.
    public func tasks(of element: Int) -> [String] {
        (open[element] ?? []).flatMap { entry.slices.tasks(element, $0) }
    }
    /// Pilots that have ended.
    public var endedPilots: Set<Int>
    public init(entry: LedgerEntry, ids: [Int: JobID], open: [Int: [Int]], endedPilots: Set<Int> = []) {
        self.entry = entry
        self.ids = ids
        self.open = open
        self.endedPilots = endedPilots
    }
}
