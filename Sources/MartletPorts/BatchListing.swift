/// What became of one element of a submission.
public enum Acceptance: Equatable, Sendable {
    case accepted(JobID)
    /// It is certain that there is no such job, and why.
    case refused(String)
    /// It is certain that there is no such job, since the system could not be reached at all, and why.
    case unreachable(String)
    /// There may be a job or not; its tag will tell.
    case uncertain(String)
}

/// What a batch system says of jobs at one moment.
public struct BatchListing: Equatable, Sendable {
    public var jobs: [SeenJob]
    /// Why it may lack jobs: a server did not answer, the output broke off. nil: it is complete, as far as the system
    /// itself knows; only then does a job that is not in it count as missing.
    public var gap: String?
    /// Tags of submissions of which jobs may be lacking, where the gap concerns no others: one of several sites did not answer.
    /// Empty: it may concern any.
    public var unheard: Set<String>
    public var isComplete: Bool { gap == nil }
    public init(jobs: [SeenJob], gap: String?, unheard: Set<String> = []) {
        self.jobs = jobs
        self.gap = gap
        self.unheard = unheard
    }
}

/// A job as a batch system tells of it.
public struct SeenJob: Equatable, Sendable {
    public var key: JobKey
    public var id: JobID
    public var state: SeenState
    /// The node, or the site, that runs it or has run it.
    public var node: String?
    /// Bytes that it used at the most, where that is told.
    public var peakMemory: UInt64?
    public init(_ key: JobKey, _ id: JobID, _ state: SeenState, node: String? = nil, peakMemory: UInt64? = nil) {
        self.key = key
        self.id = id
        self.state = state
        self.node = node
        self.peakMemory = peakMemory
    }
}

/// How a job is, as its system says.
public enum SeenState: Equatable, Sendable {
    /// It waits; why, in the system's words, where it says so.
    case pending(String?)
    case running
    /// It will not go on by itself: held, or waiting for what never comes.
    case held(String)
    case ended(JobEnd)

    /// It does nothing at the moment.
    public var waits: Bool {
        switch self {
        case .pending, .held: true
        case .running, .ended: false
        }
    }
}

/// How a job ended.
public enum JobEnd: Hashable, Sendable {
    /// With exit status 0.
    case succeeded
    case exited(Int32)
    /// The signal's number.
    case signalled(Int32)
    case outOfMemory
    /// It took longer than it may, or longer than its queue allows.
    case timeLimit
    /// The node, or what runs jobs there, failed; or it could not begin the job.
    case nodeFailure(String)
    /// Thrown out for other jobs, or because the node was wanted.
    case evicted(String)
    /// By somebody.
    case cancelled
    /// The system says that it is over, and no more.
    case unknown(String)

    /// "exit status 3", "out of memory", …
    public var text: String {
        switch self {
        case .succeeded: return "finished"
        case .exited(let status): return "exit status \(status)"
        case .signalled(let signal): return "signal \(signal)"
        case .outOfMemory: return "out of memory"
        case .timeLimit: return "over its time limit"
        case .nodeFailure(let why): return "its node failed\(why.isEmpty ? "" : ": \(why)")"
        case .evicted(let why): return "evicted\(why.isEmpty ? "" : ": \(why)")"
        case .cancelled: return "cancelled"
        case .unknown(let word): return "ended as \(word)"
        }
    }
}
