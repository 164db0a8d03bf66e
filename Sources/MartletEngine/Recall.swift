import MartletModel

/// Jobs are handed over long before they begin: those that are not wanted any more are called back.
extension Engine {
    /// Whether a task that was handed over, and has not begun, is to run still.
    public func isWanted(_ task: TaskIndex) -> Bool {
        halted == nil && !isJobOfStorm(task.position) && givenUp(task.position) == nil
    }

    /// The batch lane's jobs fail alike: those that have not begun are not started any more, and none is tried again.
    mutating func stopJobs(after last: TaskIndex?) {
        guard jobsHalted == nil else { return }
        jobsHalted = Reason(.failedAlike, last)
        mayRecall = true
        for i in states.indices where states[i] == .delayed { _ = isHopeless(i) }
        sortOutReady()
    }

    private func isJobOfStorm(_ i: Int) -> Bool {
        jobsHalted != nil && terms.lane(Int(graph.terms[i])) == .batch
    }

    /// A task that would be a job is withheld where jobs fail alike; one that was tried before has failed.
    /// - Returns: false when it may be started.
    mutating func isHopeless(_ i: Int) -> Bool {
        guard let jobsHalted, isJobOfStorm(i) else { return false }
        untried[TaskIndex(i)] = nil
        if let failure = failures[TaskIndex(i)] {
            giveUp(i, Reason(failure))
        } else {
            move(i, to: .withheld, jobsHalted)
            block(dependentsOf: i, root: jobsHalted.subject ?? TaskIndex(i))
        }
        return true
    }

    /// Asks for what was handed over and is not wanted any more. What is to become of jobs after an interrupt, its user is asked.
    mutating func recall(_ actions: inout [Action]) {
        mayRecall = false
        if halted?.code == .interrupted { return }
        let tasks = leases.holders.filter { $0.lane == .batch }.flatMap(\.tasks).filter { !isWanted($0) }
        if !tasks.isEmpty { actions.append(.recall(tasks)) }
    }
}
