import MartletEngine
import MartletModel
import MartletPorts

/// Where the ledger has tasks of earlier drivers' jobs. Tasks that are not closed there are theirs still.
struct EarlierJobs {
    /// A task's place in a submission.
    struct Place {
        var submission: OpenSubmission
        var element: Int
        var position: Int

        /// What runs there: one task, or those that run as one.
        var tasks: [String] { submission.entry.slices.tasks(element, position) }

        func isSame(as other: Place?) -> Bool {
            guard let other else { return false }
            return (submission.entry.tag, element, position) == (other.submission.entry.tag, other.element, other.position)
        }
    }

    /// Seconds for which it counts what a task has used up that has no job, from when its last one was submitted.
    static let memory: Int64 = 30 * 86_400

    /// Tags of this process.
    private(set) var own: Set<String> = []
    /// By task id.
    private var open: [String: Place] = [:]
    /// Those of earlier drivers in which tasks run as one, by tag.
    private var grouped: [String: OpenSubmission] = [:]
    /// Of tasks that are in no job.
    private var closed: [String: ClosedTries] = [:]
    /// The ledger must be read before anything is submitted.
    private(set) var isOutdated = true

    mutating func add(own tag: String) { own.insert(tag) }

    /// Another run held a task since the ledger was read: it may have submitted a job for it.
    mutating func outdate() { isOutdated = true }

    /// - Parameter time: seconds since 1970-01-01 UTC.
    /// - Returns: what the ledger has lost.
    mutating func read(_ ledger: any SubmissionLedger, system: String, time: Int64) throws(Diagnostic) -> [Diagnostic] {
        guard isOutdated else { return [] }
        (open, grouped) = ([:], [:])
        for submission in try ledger.open() where submission.entry.system == system && !own.contains(submission.entry.tag) {
            if !submission.entry.slices.followers.isEmpty { grouped[submission.entry.tag] = submission }
            for (element, positions) in submission.open {
                for position in positions {
                    let place = Place(submission: submission, element: element, position: position)
                    for task in place.tasks { open[task] = place }
                }
            }
        }
        closed = ledger.closedTries.filter { $0.value.system == system && $0.value.submitted > time - EarlierJobs.memory }
        isOutdated = false
        return ledger.damage
    }

    /// Of tasks that are to run as one those that cannot, since they are in another job than the first, or in one while the
    /// first is not, or have no try left while it has: their places among those that follow the first.
    func strangers(of request: JobRequest) -> [Int] {
        let tasks = request.tasks
        if tasks.count == 1 || (open.isEmpty && closed.isEmpty) { return [] }
        let first = open[tasks[0]], isUsedUp = isUsedUp(tasks[0], request)
        return tasks.indices.dropFirst().filter { i in
            let place = open[tasks[i]]
            return first.map { !$0.isSame(as: place) } ?? (place != nil || self.isUsedUp(tasks[i], request) != isUsedUp)
        }.map { $0 - 1 }
    }

    /// Whether a task had no try left when its last job was over, and nobody has told that: the run was killed in which it failed.
    func isUsedUp(_ task: String, _ request: JobRequest) -> Bool {
        closed[task].map { !request.isWorthAnother(after: $0.tries) } ?? false
    }

    /// Where tasks are that run as one, or one task is. Each place of a task is given away once.
    mutating func take(_ tasks: [String]) -> Place? {
        var place: Place?
        for task in tasks { place = open.removeValue(forKey: task) ?? place }
        return place
    }

    /// What a task has used up that is in no job.
    mutating func takeTries(of task: String) -> ClosedTries? { closed.removeValue(forKey: task) }

    /// An earlier driver's job is over. Who runs as one with a task of this run, and was not asked for in it yet, is in that job
    /// no more.
    /// - Returns: what they have used up.
    mutating func close(_ tag: String, _ end: LedgerEnd) -> [String: JobTries] {
        guard let submission = grouped[tag], !end.isPilot else { return [:] }
        var left: [String: JobTries] = [:]
        for position in end.position.map({ [$0] }) ?? submission.open[end.element] ?? [] {
            let place = Place(submission: submission, element: end.element, position: position)
            for task in place.tasks where place.isSame(as: open[task]) {
                open[task] = nil
                guard var tries = end.tries.values.first else { continue }
                tries.failed = (submission.entry.slices.tries[task]?.failed ?? 0) + (tries.cause == nil ? 0 : 1)
                if tries.failed == 0 { continue }
                left[task] = tries
                closed[task] = ClosedTries(tries, tag: tag, system: submission.entry.system, submitted: submission.entry.time)
            }
        }
        return left
    }
}

extension JobRequest {
    /// Whether a task that has used up so much, and is in no job, has a try left.
    func isWorthAnother(after tries: JobTries) -> Bool {
        guard let cause = tries.cause else { return true }
        return Outcome.Kind(rawValue: cause).map { retry.allowsAnother(after: $0, failed: tries.failed) } ?? false
    }
}
