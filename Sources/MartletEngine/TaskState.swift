/// Where a task stands in a run. Each case says what holds while a task is in it; `legalMoves` says what may follow.
public enum TaskState: UInt8, CaseIterable, Sendable {
    /// Planned or named as a dependency; nothing decided before the plan is complete.
    case unseen
    /// Was complete before the run, and nothing asks for it to run again.
    case present
    /// Incomplete and needed; at least one dependency is not complete yet.
    case waiting
    /// Every dependency is complete; stands in the ready queue.
    case ready
    /// A worker holds a lease on it.
    case running
    /// Ran, and asked for more while running: waits for that, without a lease. Its worker keeps it half done.
    case suspended
    /// Failed in a way that is worth another try, and waits for its time.
    case delayed
    /// Another run holds the lease on it; waits until that run has made it or has let it go.
    case elsewhere
    /// Ran, and ended well.
    case done
    /// Ran, and did not end well.
    case failed
    /// External and not there: nobody in this run can make it.
    case missing
    /// It cannot be run as planned: its requires(), output() or complete() raised, or it needs more than there is.
    case broken
    /// A task it needs, directly or through others, failed, is missing or broken.
    case blocked
    /// Would have run but was not let: interrupted, fail-fast, beyond --until, needed by nobody.
    case withheld

    /// The states that may follow. A task that has ended never moves again.
    public var legalMoves: [TaskState] {
        switch self {
        case .unseen: return [.present, .waiting, .ready, .missing, .broken, .blocked, .withheld]
        // present: a wrapper, once all it needs turned out to be there already
        case .waiting: return [.ready, .present, .broken, .blocked, .withheld]
        // present, broken: another run was seen to have had it, and it was looked at again; failed: a further try is given up
        case .ready: return [.running, .elsewhere, .present, .broken, .failed, .withheld]
        // back to ready: the worker went away before the task's turn came, or the task is tried again at once
        case .running: return [.done, .failed, .ready, .suspended, .delayed]
        case .suspended: return [.ready, .failed, .blocked, .withheld]
        // failed: nothing but such tasks was left, and they hold no run
        case .delayed: return [.ready, .failed, .withheld]
        case .elsewhere: return [.ready, .present, .broken, .withheld]
        case .present, .done, .failed, .missing, .broken, .blocked, .withheld: return []
        }
    }

    /// True when nothing more happens to the task in this run.
    public var hasEnded: Bool {
        switch self {
        case .unseen, .waiting, .ready, .running, .suspended, .delayed, .elsewhere: return false
        case .present, .done, .failed, .missing, .broken, .blocked, .withheld: return true
        }
    }

    /// True when tasks that need it can rely on it.
    public var isComplete: Bool { self == .present || self == .done }

    /// True when it has ended and is not complete.
    var willNotBeMade: Bool { hasEnded && !isComplete }

    /// True when tasks that need it will not get their turn.
    var blocksDependents: Bool { self == .failed || self == .missing || self == .broken || self == .blocked }
}
