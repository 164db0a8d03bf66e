import MartletEngine
import MartletModel
import MartletPorts

/// What the engine is to know of jobs of earlier runs that this one goes on with.
struct Adoption {
    /// Of tasks that were to run as one, by the first of them, those that do not: their places among those that follow it. The
    /// first is to be started anew, with the others.
    var parted: [(task: TaskIndex, followers: [Int])] = []
    /// How many executions have failed of a task, and of those that run as one with it.
    var failed: [(task: TaskIndex, counts: [Int])] = []
}

/// What a run takes over from earlier ones: their jobs, and what its tasks have used up.
extension RemoteJobs {
    func takeAdoption() -> Adoption {
        defer { adoption = Adoption() }
        return adoption
    }

    /// Of tasks that are not this run's nothing is touched: another driver may be about to submit them.
    func adopt(_ now: UInt64) throws(Diagnostic) {
        if waiting.isLookedUp { return }
        if earlier.isOutdated { closings.write(to: ledger, &notes) }
        let time = clock.wall() / 1_000_000_000
        for line in try earlier.read(ledger, system: settings.system, time: time) { notes.add(Wording.text(line).line) }
        waiting.lookUp { join(&$0, now) }
        for line in otherwise.take() { notes.add(line) }
    }

    /// - Returns: whether it is to be submitted no more.
    private func join(_ one: inout WaitingTasks.One, _ now: UInt64) -> Bool {
        let tasks = one.request.tasks, strangers = earlier.strangers(of: one.request)
        if !strangers.isEmpty {
            adoption.parted.append((one.task, strangers))
            return true
        }
        guard let place = earlier.take(tasks) else { return fail(&one) }
        let entry = place.submission.entry
        count(&one) { entry.slices.tries[$0] }
        otherwise.look(at: place, trials.wish(of: one.request), in: settings.folder(of: entry.tag))
        submissions.join(one, place, trials.options(of: one.request), folder: settings.folder(of: entry.tag), now)
        polling.hurry()
        tally.adopted += tasks.count
        return true
    }

    /// No job has it. - Returns: whether it has failed: it has no try left, and nobody was told of it.
    private func fail(_ one: inout WaitingTasks.One) -> Bool {
        let isUsedUp = earlier.isUsedUp(one.request.task, one.request)
        var found: [String: ClosedTries] = [:]
        for task in one.request.tasks { found[task] = earlier.takeTries(of: task) }
        if found.isEmpty { return false }
        count(&one) { found[$0]?.tries }
        if !isUsedUp { return false }
        for (task, closed) in found { spent.add([task: closed.tries], closed.tag, one.request) }
        let cause = "not submitted: no try is left of those that a run which was killed had begun to use"
        let hint = "hint: run again: it is tried anew"
        endings.append(EndedJob(task: one.task, log: "", kind: .couldNotStart, cause: "\(cause)\n\n\(hint)"))
        return true
    }

    /// Goes on with what its tasks have used up in earlier runs.
    private func count(_ one: inout WaitingTasks.One, _ tries: (String) -> JobTries?) {
        var isTold = true
        for (i, task) in one.request.tasks.enumerated() {
            guard let tries = tries(task) else { continue }
            trials.take(tries, of: task)
            if tries.failed > one.request.failed[i] { (one.request.failed[i], isTold) = (tries.failed, false) }
        }
        if !isTold { adoption.failed.append((one.task, one.request.failed)) }
    }

    /// The ledger is to be told, at the end of the turn.
    func close(_ tag: String, _ end: LedgerEnd) {
        var end = end
        end.tries.merge(earlier.close(tag, end)) { own, _ in own }
        closings.add(tag, end)
    }

    /// What has failed for good was told of in this run: if it is wanted again, that is anew.
    func forgetSpent() {
        closings.write(to: ledger, &notes)
        for (tag, tasks) in spent.takeAll() { notes.noting { () throws(Diagnostic) in try ledger.forget(tag: tag, tasks) } }
    }
}

/// Tasks of this run that have no try left.
struct SpentTasks {
    private var tags: [String: String] = [:]

    /// - Parameter tries: by task id, what the ledger is told of them as their jobs of that submission end.
    mutating func add(_ tries: [String: JobTries], _ tag: String, _ request: JobRequest) {
        for (task, tries) in tries { tags[task] = request.isWorthAnother(after: tries) ? nil : tag }
    }

    /// By the tag of the submission in which they were tried last.
    mutating func takeAll() -> [(tag: String, tasks: [String])] {
        defer { tags = [:] }
        return Dictionary(grouping: tags.keys.sorted()) { tags[$0]! }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
