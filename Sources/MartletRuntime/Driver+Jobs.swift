import MartletEngine
import MartletModel

/// What whoever steers a run does about its jobs, and asks of them.
extension Driver {
    /// Jobs that are submitted, or being submitted, and not collected.
    public var openJobs: Int { crew.openJobs }

    /// While they are held, tasks that are ready are not submitted; what is submitted is looked after.
    public func holdJobs(_ held: Bool) { crew.holdJobs(held) }

    /// Whether the system has yet to say what became of a submission.
    public var isSubmitting: Bool { crew.isSubmitting }

    /// Whether nothing is to be done before a job ends that the system has: all that is ready is submitted, as far as it may
    /// be, and the jobs of earlier runs have been asked about.
    public var isAtRest: Bool {
        guard pending.isEmpty, crew.areJobsSettled else { return false }
        let running = engine.running
        let inBatch = running.first { $0.worker == Driver.batch }?.tasks.count ?? 0
        return running.allSatisfy { $0.worker == Driver.batch || $0.tasks.isEmpty }
            && (engine.tasks(in: .ready) == 0 || inBatch >= Driver.jobsAtOnce)
    }

    /// Tasks that wait for being submitted are not run by this one: no report tells of them.
    func withholdUnsubmitted() {
        let tasks = crew.takeUnsubmitted()
        leftJobs.unsubmitted += tasks.count
        giveBack(tasks)
    }

    /// Leaves the jobs to a later run: what they run is over for this one, without a report.
    func leaveJobs() {
        let gone = crew.leaveJobs()
        leftJobs.system = gone.system
        leftJobs.jobs += gone.jobs
        leftJobs.tags += gone.tags
        leftJobs.tasks += gone.tasks
        giveBack(gone.tasks)
    }
}
