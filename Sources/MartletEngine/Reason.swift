import MartletModel

/// Why a task runs, waits, or ended: recorded by the code that decided, printed by others.
public struct Reason: Equatable, Sendable {
    public enum Code: UInt8, CaseIterable, Sendable {
        /// Nothing decided yet.
        case none

        // why it runs
        case outputAbsent, incomplete, withoutOutputs, forced
        /// It is complete when all it needs is, and something it needs runs.
        case gathers
        /// `subject` is a dependency that runs again.
        case dependencyForced
        /// Complete by reports, and it has none.
        case reportAbsent
        /// … and its newest report is of a failure.
        case reportFailed
        /// … and nobody has reported it, though its output is there.
        case unreported
        /// … and its report says done, but an output is not there.
        case outputGone
        /// What it needs is not what it consumed. `subject` is a dependency that has changed, or runs.
        case inputsChanged
        /// Its code, or the environment, is not that of its report.
        case codeChanged, environmentChanged

        // why it does not run
        case complete, externalAbsent, planningFailed
        /// It needs more of a resource than there is.
        case neverFits
        /// It needs itself, directly or through others.
        case cycle
        /// `subject` is the task at the root of the trouble.
        case blockedBy
        /// Incomplete, but no task that runs needs it.
        case notNeeded
        case beyondUntil
        /// `subject` is the task that failed first.
        case failFast
        case interrupted
        /// Records can no longer be written.
        case unrecordable
        /// Another run holds the lease on it.
        case leasedElsewhere
        /// Another run made it while this one was under way.
        case madeElsewhere
        /// Tasks of its family killed the processes that ran them; `subject` is the last of them.
        case poisoned
        /// Too many branches of its workflow have failed; `subject` is the failure that was one too many.
        case branchesFailed

        // how it ended
        case succeeded, raised, outputsNotMade, workerLost, interruptedWhileRunning, couldNotStart, timedOut, outOfMemory,
            storageTrouble
        /// Failed, and is tried again.
        case triedAgain
        /// Waits for what it asked for while it ran.
        case asked

        /// Complete by reports, and its newest report says that its outputs were removed: why it runs.
        case outputsRemoved
        /// Too many jobs have failed in the same way: why it does not run. `subject` is the last of them, if it had a task.
        case failedAlike
    }
    public var code: Code
    public var subject: TaskIndex?
    public init(_ code: Code, _ subject: TaskIndex? = nil) {
        self.code = code
        self.subject = subject
    }
}
