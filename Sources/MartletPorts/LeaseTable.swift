import MartletModel

/// What this run and others claim of one analysis, so that each task is run by one of them at a time.
///
/// `now` is always the monotonic clock in nanoseconds. Used from one thread at a time.
public protocol LeaseTable: AnyObject {
    /// Whether claims are answered in the call that makes them.
    var answersAtOnce: Bool { get }
    /// The name of this run's claims file, for runs that are started within its tasks; nil before it has joined.
    var name: String? { get }
    /// Notes what others have done so far; touches nothing. Called before the run looks at its first output.
    func observe()
    /// Makes this run known to the others. Called once, before the first claim.
    /// - Throws: when that cannot be written; then nothing may be run.
    func join(now: UInt64) throws(Diagnostic)
    /// Claims tasks. One claim is under way at a time.
    /// - Parameter startingNow: how many of them, from the front, are to start as soon as they are claimed.
    /// - Throws: when it cannot be written; then nothing is claimed.
    func claim(_ tasks: [TaskDigest], startingNow: Int, now: UInt64) throws(Diagnostic)
    /// The answers to the last claim, in order, once; nil while there is none yet.
    func answers(now: UInt64) throws(Diagnostic) -> [LeaseAnswer]?
    /// When `answers` is worth asking.
    var due: UInt64? { get }
    /// Gives claimed tasks back: those that were run well, and those that were not.
    func release(done: [TaskDigest], undone: [TaskDigest]) throws(Diagnostic)
    /// How tasks stand that were held by others.
    func look(_ tasks: [TaskDigest], now: UInt64) throws(Diagnostic) -> [LeaseStanding]
    /// Gives everything back. Safe to call twice.
    /// - Parameter processesLeft: processes forked from this one may still write: what is claimed is given back by the last
    ///   of them, when it ends.
    func end(processesLeft: Bool)
}

/// A run within one of whose tasks this one was started.
public struct EnclosingRun: Equatable, Sendable {
    /// The name of its claims file.
    public var file: String
    /// Its task runs in this process: while this run goes on it does nothing else, so it is not waited for at all.
    public var isHere: Bool
    /// The task within which this run was started: not waited for either.
    public var task: TaskDigest?
    public init(file: String, isHere: Bool, task: TaskDigest? = nil) {
        self.file = file
        self.isHere = isHere
        self.task = task
    }
}

/// Another run.
public struct LeaseHolder: Hashable, Sendable {
    public var host: String
    public var pid: Int32
    public init(host: String, pid: Int32) {
        self.host = host
        self.pid = pid
    }
    /// "pid 4711 on lxplus801".
    public var words: String { "pid \(pid) on \(host)" }
}

/// What became of one claimed task.
public enum LeaseAnswer: Equatable, Sendable {
    /// It is ours, and nobody else had to do with it since this run began to look at outputs.
    case ours
    /// It is ours, and another run had it since: it may be complete by now. `done`: that run says that it ran it.
    case oursAfter(LeaseHolder?, done: Bool)
    case held(LeaseHolder)
}

/// How a task stands that another run was seen to hold.
public enum LeaseStanding: Equatable, Sendable {
    case held(LeaseHolder)
    /// Nobody holds it any more. `done`: the one who did says that it ran it.
    case free(LeaseHolder?, done: Bool)
}
