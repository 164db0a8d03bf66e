/// A place where a test can make the world fail. Named in the environment (`MARTLET_FAIL`, see `FailPlan`); when that
/// is not set, passing one costs a branch.
///
/// Each case says what is about to happen, or has just happened, there.
public enum FailPoint: String, CaseIterable, Sendable {
    /// Planned tasks are handed to the engine.
    case planChunk = "plan.chunk"
    /// The plan is complete, nothing has started.
    case planEnd = "plan.end"

    /// A file of reports, or of the ledger, is about to be made.
    case recordsCreate = "records.create"
    /// Reports are about to be written.
    case reportsAppend = "reports.append"
    /// Reports are about to be forced to disk.
    case reportsSync = "reports.sync"
    /// Lines of the ledger are about to be written.
    case ledgerAppend = "ledger.append"
    /// The ledger is about to be forced to disk.
    case ledgerSync = "ledger.sync"

    /// An outcome has arrived; its report is not written.
    case beforeReport = "driver.before-report"
    /// The report is written; dependents wait still.
    case beforeRelease = "driver.before-release"
    /// Dependents have been released, the next tasks chosen.
    case afterRelease = "driver.after-release"

    /// Jobs are about to be written into the ledger.
    case jobsIntend = "jobs.intend"
    /// The ledger has the jobs, the batch system does not.
    case jobsSubmit = "jobs.submit"
    /// The batch system has accepted a job, the ledger does not know yet.
    case jobsRecord = "jobs.record"
    /// The batch system is about to be asked how jobs are.
    case jobsPoll = "jobs.poll"
    /// Jobs have ended, the ledger does not know yet.
    case jobsClose = "jobs.close"
    /// A job's result is about to be read.
    case jobsCollect = "jobs.collect"
    /// The ledger has further slices for pilots, these do not know of them.
    case jobsExtend = "jobs.extend"
    /// A slice is about to be taken out of the pilots' reach.
    case jobsClaim = "jobs.claim"
    /// … is claimed, but the claim does not say yet by whom.
    case jobsClaimed = "jobs.claimed"

    /// This run is about to claim tasks, for other runs to see.
    case leaseClaim = "lease.claim"
    /// Another run's claim has been found. Skipped: it is passed over.
    case leaseCheck = "lease.check"
    /// Tasks are about to be given back.
    case leaseRelease = "lease.release"

    /// A command's output is whole and about to be given its own name.
    case commandRename = "command.rename"

    /// A file that is replaced in one step has been written under its temporary name.
    case fileRename = "file.rename"
    /// … and has its own name now.
    case fileRenamed = "file.renamed"

    /// A target's temporary name is chosen. Skipped: it is written under its own name, as if nobody renamed.
    case targetName = "target.name"
    /// A target's temporary file is about to be made.
    case targetOpen = "target.open"
    /// A target's content is about to be written.
    case targetWrite = "target.write"
    /// A target is written and about to be given its own name.
    case targetRename = "target.rename"
    /// A target has its own name; the task has not ended.
    case targetRenamed = "target.renamed"

    /// The process that starts workers is about to be forked.
    case zygoteFork = "zygote.fork"
    /// … and is asked for a worker.
    case zygoteSpawn = "zygote.spawn"
    /// A worker's log is about to be opened.
    case workerLog = "worker.log"
    /// A worker is about to run a task.
    case workerRun = "worker.run"
    /// A task has ended in a worker, its outputs are made; the driver does not know.
    case workerOutcome = "worker.outcome"
    /// A job has run its task, and reported it, and is about to write the result.
    case jobResult = "job.result"
    /// A pilot is about to claim a slice.
    case jobClaim = "job.claim"
    /// … has claimed it, and has not begun.
    case jobClaimed = "job.claimed"

    /// What can be made to happen here besides the process's end and a delay.
    var effects: Set<Fault.Effect> {
        switch self {
        case .leaseClaim, .recordsCreate, .targetOpen, .workerLog, .zygoteSpawn, .jobsClaimed: return [.error]
        case .reportsAppend, .ledgerAppend, .jobResult: return [.error, .short, .torn]
        case .reportsSync, .ledgerSync, .fileRename, .targetRename, .commandRename: return [.error, .skip]
        case .targetName, .leaseCheck: return [.skip]
        case .targetWrite: return [.error, .torn]
        case .planChunk, .planEnd, .beforeReport, .beforeRelease, .afterRelease, .jobsIntend, .jobsSubmit, .jobsRecord,
            .jobsPoll, .jobsClose, .jobsCollect, .jobsExtend, .jobsClaim, .fileRenamed, .targetRenamed, .zygoteFork,
            .workerRun, .workerOutcome, .jobClaim, .jobClaimed, .leaseRelease:
            return []
        }
    }

    /// Says that the process is here. Kills, exits and delays happen within; the rest is the caller's to carry out.
    @inline(__always) @discardableResult
    public func pass() -> Fault {
        guard let plan = FailPlan.current else { return .none }
        return plan.pass(self)
    }

    /// For a call that can fail. - Returns: false when it is to be left out, as if it had succeeded.
    @inline(__always)
    public func allows(_ operation: String, _ path: @autoclosure () -> String = "") throws(SystemError) -> Bool {
        guard let plan = FailPlan.current else { return true }
        switch plan.pass(self) {
        case .error(let code): throw SystemError(code, operation, path())
        case .skip: return false
        case .none, .short, .torn: return true
        }
    }
}

/// What happens at a fail point.
public enum Fault: Equatable, Sendable {
    case none
    /// The call is refused with this errno.
    case error(Int32)
    /// One write takes this many bytes and no more.
    case short(Int)
    /// This many bytes are written, then the process is killed.
    case torn(Int)
    /// The call is left out, and said to have succeeded.
    case skip

    enum Effect { case error, short, torn, skip }
}
