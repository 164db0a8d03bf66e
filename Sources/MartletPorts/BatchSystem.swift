/// A system that runs jobs elsewhere, as the loop that submits, asks and retries sees it (`MartletRuntime.RemoteJobs`, one
/// for all): questions go in, answers come out, and no call waits for the system.
///
/// Used from one thread at a time. `now` is always the monotonic clock, in nanoseconds.
public protocol BatchSystem: AnyObject {
    /// Of its dialect.
    var habits: BatchHabits { get }
    /// Begins to ask. Returns at once.
    func ask(_ question: BatchQuestion, now: UInt64)
    /// Answers that have come since this was called last, each once.
    func answers(now: UInt64) -> [BatchAnswer]
    /// Descriptors that become readable when an answer may be there; without them answers are to be looked for now and then.
    var descriptors: [Int32] { get }
    /// Gives up what is under way: its answers never come. Safe to call twice.
    func close()
}

/// What a batch system is asked or told; each is answered once, by the case of `BatchAnswer` that belongs to it.
public enum BatchQuestion: Equatable, Sendable {
    /// The tag is in the ledger, on disk, before this is asked.
    case submit(JobArray)
    /// How all jobs of these submissions are.
    case list([AskedSubmission])
    /// Logs and results of these, which have ended, are wanted here.
    case collect([CollectedJob])
    /// These are to end, whether they run or wait.
    case cancel([JobKey: JobID])
    /// What these jobs have printed so far, where the system shares no files with this machine.
    case show([JobKey: JobID])
    /// They have ended, what they left is recorded here: the system need not keep it any longer.
    case discard([JobKey: JobID])

    /// What is asked, without about whom.
    public enum Kind: Int, CaseIterable, Sendable { case submit, list, collect, cancel, show, discard }

    public var kind: Kind {
        switch self {
        case .submit: .submit
        case .list: .list
        case .collect: .collect
        case .cancel: .cancel
        case .show: .show
        case .discard: .discard
        }
    }
}

/// What a batch system has answered.
public enum BatchAnswer: Equatable, Sendable {
    /// What became of each element, in order.
    case submitted(tag: String, [Acceptance])
    /// Jobs, and whether others may be lacking.
    case listed(BatchListing)
    /// Files of these jobs are where they were wanted, but for those that cannot be had yet, with the reason.
    case collected([CollectedJob], missing: [JobKey: String])
    /// Why they could not be cancelled; nil when they were.
    case cancelled([JobKey], refusal: String?)
    /// What they have printed, of those that have begun, and why that cannot be had. A job that is in neither prints into a
    /// file of this machine, or has not begun.
    case shown([JobKey: String], missing: [JobKey: String])
    /// Why the system keeps more than it should; nil where it does not.
    case discarded([JobKey], refusal: String?)
}

/// A batch system's own name for a job.
public struct JobID: Hashable, Sendable {
    public var raw: String
    public init(_ raw: String) { self.raw = raw }
}
