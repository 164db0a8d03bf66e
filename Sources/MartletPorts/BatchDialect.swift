/// How one batch system is spoken to: which commands say what, and what their answers mean.
///
/// Pure: renders commands and reads results, touches nothing, so that it can be tested with what real commands have said.
/// Whoever runs the commands (`MartletBatch.CommandBatch`) runs those of one question one after another, all of them,
/// however each ends, and hands all results over in order.
public protocol BatchDialect: Sendable {
    /// The name on the command line: `--batch NAME`.
    static var name: String { get }

    /// How often it is asked, how far its lists may lag, and what its jobs see.
    var habits: BatchHabits { get }

    /// Hands an array over. Its tag is in the ledger, on disk, before the commands run.
    func submission(_ array: JobArray) -> [BatchCommand]
    /// What became of each element, in order. `refused` needs proof that nothing was accepted: a time-out, a signal or
    /// a lost connection is `uncertain`.
    func accepted(_ array: JobArray, _ results: [BatchCommandResult]) -> [Acceptance]

    /// Asks about all jobs of ours with one question, not one a job: those that the system knows at the moment.
    func listing(_ asked: [AskedSubmission]) -> [BatchCommand]
    /// Jobs of other tags are left out.
    func read(_ asked: [AskedSubmission], _ results: [BatchCommandResult]) -> BatchListing

    /// Asks accounting or history about jobs that a complete listing did not show, where the queue forgets those that
    /// have ended. `asked` has only the elements that were missing. No commands where there is nothing else to ask.
    func history(_ asked: [AskedSubmission]) -> [BatchCommand]
    /// As `read`: a job that is neither here nor in the listing counts as gone, unless there is a gap.
    func readHistory(_ asked: [AskedSubmission], _ results: [BatchCommandResult]) -> BatchListing

    /// Brings logs and results of ended jobs to `JobArray.log(of:)` and `result(of:)`, where the system shares no files
    /// with this machine. No commands where it does.
    func collection(_ jobs: [CollectedJob]) -> [BatchCommand]
    /// Which of them cannot be had yet, with the reason; what is not named is there, or never will be.
    func missing(_ jobs: [CollectedJob], _ results: [BatchCommandResult]) -> [JobKey: String]

    /// Ends jobs, pending ones too. Jobs that have ended, or that nobody knows, are no error.
    func cancellation(_ jobs: [JobID]) -> [BatchCommand]
    /// Why they could not be cancelled; nil when they were.
    func refusal(_ jobs: [JobID], _ results: [BatchCommandResult]) -> String?

    /// Prints what a job has printed so far, where the system shares no files with this machine. nil where it does.
    func show(_ job: JobKey, _ id: JobID) -> BatchCommand?
    /// nil: it has not begun.
    /// - Throws: why it cannot be had.
    func shown(_ result: BatchCommandResult) throws(Unseen) -> String?

    /// Removes what the system keeps of ended jobs. No commands where it keeps nothing, or nothing for long.
    func disposal(_ jobs: [JobID]) -> [BatchCommand]
}

extension BatchDialect {
    public func history(_ asked: [AskedSubmission]) -> [BatchCommand] { [] }
    public func readHistory(_ asked: [AskedSubmission], _ results: [BatchCommandResult]) -> BatchListing {
        BatchListing(jobs: [], gap: nil)
    }
    public func collection(_ jobs: [CollectedJob]) -> [BatchCommand] { [] }
    public func missing(_ jobs: [CollectedJob], _ results: [BatchCommandResult]) -> [JobKey: String] { [:] }
    public func show(_ job: JobKey, _ id: JobID) -> BatchCommand? { nil }
    public func shown(_ result: BatchCommandResult) throws(Unseen) -> String? { nil }
    public func disposal(_ jobs: [JobID]) -> [BatchCommand] { [] }
}

/// Why something cannot be seen at the moment.
public struct Unseen: Error, Equatable {
    public var why: String
    public init(_ why: String) { self.why = why }
}

/// What a batch system is used to.
public struct BatchHabits: Equatable, Sendable {
    /// Seconds between two questions about jobs.
    public var pollInterval: Double
    /// Seconds for which a job may be missing from lists after its submission has ended, or after it was last seen.
    public var grace: Double
    /// Elements in one array.
    public var mostElements: Int
    /// Whether its jobs see this machine's files: then code travels with them only when it is asked for.
    public var runsHere: Bool
    /// Whether its jobs and the driver see the folder of a submission at the same time: pilots need that.
    public var sharesFolders: Bool
    /// Whether it keeps files of ended jobs until it is told that nobody wants them.
    public var keepsFiles: Bool
    /// Whether jobs can be kept from nodes (`JobOptions.avoidedNodes`).
    public var avoidsNodes: Bool
    /// Why jobs wait that have only to wait for their turn, in the words of `SeenState.pending`.
    public var usualReasons: Set<String>
    public init(
        pollInterval: Double, grace: Double, mostElements: Int, runsHere: Bool = false, sharesFolders: Bool = true,
        keepsFiles: Bool = false, avoidsNodes: Bool = true, usualReasons: Set<String> = []
    ) {
        self.pollInterval = pollInterval
        self.grace = grace
        self.mostElements = mostElements
        self.runsHere = runsHere
        self.sharesFolders = sharesFolders
        self.keepsFiles = keepsFiles
        self.avoidsNodes = avoidsNodes
        self.usualReasons = usualReasons
    }
}

/// A submission that is asked about.
public struct AskedSubmission: Equatable, Sendable {
    public var tag: String
    /// The elements of interest, ascending.
    public var elements: [Int]
    /// Ids, by element, as far as they are known. They help to ask; a job is told by tag and index, since ids are used
    /// again.
    public var ids: [Int: JobID]
    /// When it was submitted, in seconds since 1970-01-01 UTC, by the clock of whoever did; 0 where that is not known.
    public var submitted: Int64
    /// Where it was submitted to, as in `JobOptions.queue`: systems without one list for all ask there for jobs whose ids
    /// are not known. nil: to no queue in particular, or that is not known.
    public var queue: String?
    public init(tag: String, elements: [Int], ids: [Int: JobID] = [:], submitted: Int64 = 0, queue: String? = nil) {
        self.tag = tag
        self.elements = elements
        self.ids = ids
        self.submitted = submitted
        self.queue = queue
    }
}

/// An ended job whose files are wanted.
public struct CollectedJob: Equatable, Sendable {
    public var key: JobKey
    public var id: JobID?
    /// Absolute paths where they are to lie.
    public var log: String
    public var result: String
    public init(key: JobKey, id: JobID?, log: String, result: String) {
        self.key = key
        self.id = id
        self.log = log
        self.result = result
    }
}
