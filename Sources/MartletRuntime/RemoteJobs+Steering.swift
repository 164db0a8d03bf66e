import MartletModel
import MartletPorts

/// What a display is told of the jobs, and how a run parts from them.
extension RemoteJobs {
    /// Jobs that are submitted, or being submitted, and not collected.
    var openJobs: Int { submissions.live }

    /// The system has yet to say what became of a submission.
    var isSubmitting: Bool { submissions.isAnyUnanswered }

    /// Nothing is to be done before a job ends that the system has: what may be submitted is, and the jobs of earlier
    /// drivers were seen in a list.
    var isSettled: Bool {
        endings.isEmpty && returned.isEmpty && (waiting.isEmpty || restWaits) && submissions.isSettled
    }

    func counted(now: UInt64) -> JobTally {
        tally.count(waiting: waiting.all, submissions: submissions.byTag, now: now)
        return tally
    }

    /// Gives up what is not submitted yet. Returns its tasks.
    func abandonWaiting() -> [TaskIndex] { waiting.takeAll().map(\.task) }

    /// Gives every job up without cancelling it; a later run adopts it.
    func leave() -> LeftJobs {
        let left = LeftJobs(
            system: settings.system, jobs: submissions.live, tags: submissions.byTag.keys.sorted(),
            tasks: submissions.tasks + abandonWaiting() + endings.map(\.task) + takeReturned())
        submissions.removeAll()
        endings = []
        _ = polling.end()
        return left
    }

    /// Cancels every job of this run's tasks, and submits nothing more. Tasks that were at work end interrupted, the others are
    /// returned.
    func cancel() {
        isCancelling = true
        returned += abandonWaiting()
        let jobs = submissions.cancellable
        if !jobs.isEmpty { system.ask(.cancel(jobs), now: clock.monotonic()) }
        polling.hurry()
    }
}
