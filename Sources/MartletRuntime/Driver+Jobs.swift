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
    /// be and counted resources suffice, and the jobs of earlier runs have been asked about.
    public var isAtRest: Bool {
        guard pending.isEmpty, crew.areJobsSettled else { return false }
        return engine.running.allSatisfy { $0.worker == Driver.batch || $0.tasks.isEmpty } && engine.waitsForRunning
    }

    /// These, and those that run as one with them.
    func runAsOne(_ tasks: [TaskIndex]) -> [TaskIndex] {
        zip(tasks, engine.leases(on: tasks)).flatMap { [$0] + $1.followers }
    }

    /// What the engine learns of earlier runs.
    func take(_ adoption: Adoption) {
        var events: [Event] = []
        for (task, counts) in adoption.failed {
            events += zip(runAsOne([task]), counts).map { .triedBefore($0, failed: $1) }
        }
        for (task, places) in adoption.parted {
            let followers = runAsOne([task]).dropFirst()
            events.append(.parted(places.map { followers[$0 + 1] }, from: task))
            pending.append(.startJob(task))
        }
        if !events.isEmpty { tell(events) }
    }

    /// Of tasks that will not have their turn: why they have not had it yet.
    func noteWhatWaits() {
        guard crew.hasJobs, !isHalted else { return }
        leftJobs.held = engine.heldBack
        leftJobs.delayed = engine.tasks(in: .delayed)
        leftJobs.elsewhere = engine.tasks(in: .elsewhere)
    }

    /// Tasks that wait for being submitted are not run by this one: no report tells of them.
    func withholdUnsubmitted() {
        let tasks = crew.takeUnsubmitted()
        leftJobs.unsubmitted += runAsOne(tasks).count
        giveBack(tasks)
    }

    /// Leaves the jobs to a later run: what they run is over for this one, without a report.
    func leaveJobs() {
        let gone = crew.leaveJobs()
        leftJobs.system = gone.system
        leftJobs.jobs += gone.jobs
        leftJobs.tags += gone.tags
        leftJobs.tasks += runAsOne(gone.tasks)
        giveBack(gone.tasks)
    }
}
