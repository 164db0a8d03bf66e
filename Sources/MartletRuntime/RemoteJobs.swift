import MartletModel
import MartletPorts
import MartletSystem

/// The one loop that submits, asks, and collects, for every batch system.
///
/// Every tag is in the ledger, on disk, before it is submitted. Jobs that an earlier driver left open are looked up by
/// tag before anything is submitted, and adopted by the task that they belong to.
public final class RemoteJobs {
    private struct Job {
        var task: TaskIndex
        var request: ProgramRequest
        var id: JobID
        /// How often in succession the system knew nothing of it.
        var missed = 0
    }

    /// A job counts as lost when it was missing so often in succession: lists lag, and come in parts.
    private static let patience = 3

    private let system: any BatchSystem
    private let name: String
    private let ledger: any SubmissionLedger
    /// Nanoseconds between two queries.
    private let interval: UInt64
    private var waiting: [(task: TaskIndex, request: ProgramRequest)] = []
    private var jobs: [Job] = []
    /// How many of those that wait, from the front, were looked for among the jobs of earlier drivers.
    private var lookedUp = 0
    /// Open jobs in the ledger that were not looked up in the batch system, by task id.
    private var open: [String: [OpenJob]] = [:]
    /// The ledger must be read before anything is submitted.
    private var isOutdated = true
    /// Jobs of earlier drivers that are there, by the id of a task that waits.
    private var orphans: [String: (tag: String, id: JobID)] = [:]
    private var nextQuery: UInt64 = 0
    private var nextAsk: UInt64 = 0
    private var refused: [EndedProgram] = []
    /// Submissions that were answered with an error and may have been accepted all the same.
    private var uncertain: [(task: TaskIndex, request: ProgramRequest, error: BatchError)] = []
    /// For the user: what was adopted, what could not be asked.
    private(set) var notes: [String] = []

    public init(system: any BatchSystem, name: String, ledger: any SubmissionLedger, interval: UInt64 = 500_000_000) {
        self.system = system
        self.name = name
        self.ledger = ledger
        self.interval = interval
    }

    var isEmpty: Bool { waiting.isEmpty && jobs.isEmpty && refused.isEmpty && uncertain.isEmpty }

    /// - Parameter wasElsewhere: another run held the task since this one began: it may have submitted a job for it.
    func start(_ task: TaskIndex, _ request: ProgramRequest, wasElsewhere: Bool = false) {
        waiting.append((task, request))
        if wasElsewhere { isOutdated = true }
    }

    /// Submits what waits, asks about the rest when it is time, and says what ended.
    /// - Throws: when the ledger cannot take the intention to submit: then nothing was submitted, and `abandonWaiting()`
    ///   returns their tasks.
    func turn(now: UInt64) throws(Diagnostic) -> [EndedProgram] {
        let mayAsk = now >= nextAsk
        if mayAsk { nextAsk = now + interval }
        try lookUpOrphans(mayAsk)
        if mayAsk { settleUncertain() }
        try submit()
        var ended = refused
        refused = []
        if now >= nextQuery && !jobs.isEmpty {
            nextQuery = now + interval
            ended += collect()
        }
        return ended
    }

    /// What an earlier driver meant to submit for a task is looked for under its tag before anything new is submitted for
    /// it. Of tasks that are not this run's nothing is touched: another driver may be about to submit them.
    private func lookUpOrphans(_ mayAsk: Bool) throws(Diagnostic) {
        guard !waiting.isEmpty, mayAsk || !isOutdated else { return }
        try readLedger()
        let mine = Set(waiting.lazy.map(\.request.task).filter { self.open[$0] != nil })
        guard mayAsk || mine.isEmpty else { return }
        let tags = mine.flatMap { open[$0]!.map(\.entry.tag) }
        let found: [String: JobID]
        do throws(BatchError) {
            found = tags.isEmpty ? [:] : try system.find(tags: tags.sorted())
        } catch {
            if error.kind == .transient { return note("cannot be asked at the moment: \(error.message)") }
            throw Diagnostic(.batchQueryFailed, subject: name, cause: error.message)
        }
        for task in mine {
            for job in open.removeValue(forKey: task)! {
                if let id = found[job.entry.tag] ?? job.job {
                    orphans[task] = (job.entry.tag, id)
                } else {
                    try ledger.closed(tag: job.entry.tag, how: "never accepted")
                }
            }
        }
        lookedUp = waiting.count
    }

    private func readLedger() throws(Diagnostic) {
        guard isOutdated else { return }
        let own = Set(jobs.map(\.request.tag) + uncertain.map(\.request.tag) + orphans.values.map(\.tag))
        open = Dictionary(
            grouping: try ledger.open().filter { $0.entry.system == name && !own.contains($0.entry.tag) }, by: \.entry.subject)
        isOutdated = false
        for line in ledger.damage { note(Wording.text(line).line) }
    }

    private func submit() throws(Diagnostic) {
        guard lookedUp > 0 else { return }
        var new: [(task: TaskIndex, request: ProgramRequest)] = []
        for (task, request) in waiting[..<lookedUp] {
            if let orphan = orphans.removeValue(forKey: request.task) {
                jobs.append(Job(task: task, request: request.moved(to: orphan.tag), id: orphan.id))
                note("goes on with the job that an earlier run submitted for \(request.task)")
            } else {
                new.append((task, request))
            }
        }
        waiting.replaceSubrange(..<lookedUp, with: new)
        lookedUp = new.count
        guard !new.isEmpty else { return }
        FailPoint.jobsIntend.pass()
        try ledger.intend(new.map { LedgerEntry(tag: $0.request.tag, system: name, subject: $0.request.task) })
        waiting.removeFirst(lookedUp)
        lookedUp = 0
        FailPoint.jobsSubmit.pass()
        let answers = system.submit(new.map { $0.request.job })
        for ((task, request), answer) in zip(new, answers) {
            switch answer {
            case .success(let id):
                FailPoint.jobsRecord.pass()
                jobs.append(Job(task: task, request: request, id: id))
                // without this line the next run finds the job by its tag
                noting { () throws(Diagnostic) in try ledger.submitted(tag: request.tag, as: id) }
            case .failure(let error):
                uncertain.append((task, request, error))
            }
        }
    }

    /// A submission that was answered with an error may have been accepted all the same: the tag tells.
    private func settleUncertain() {
        guard !uncertain.isEmpty else { return }
        let found: [String: JobID]
        do throws(BatchError) {
            found = try system.find(tags: uncertain.map(\.request.tag))
        } catch {
            return note("cannot be asked at the moment: \(error.message)")
        }
        for (task, request, error) in uncertain {
            if let id = found[request.tag] {
                jobs.append(Job(task: task, request: request, id: id))
                noting { () throws(Diagnostic) in try ledger.submitted(tag: request.tag, as: id) }
            } else {
                noting { () throws(Diagnostic) in try ledger.closed(tag: request.tag, how: "refused") }
                refused.append(EndedProgram(task: task, request: request, trouble: "\(name) refused its job: \(error.message)"))
            }
        }
        uncertain = []
    }

    private func collect() -> [EndedProgram] {
        FailPoint.jobsPoll.pass()
        let states: [JobState]
        do throws(BatchError) {
            states = try system.query(jobs.map(\.id))
        } catch {
            note("cannot be asked at the moment: \(error.message)")
            return []
        }
        var ended: [EndedProgram] = []
        var left: [Job] = []
        for (var job, state) in zip(jobs, states) {
            switch state {
            case .pending, .running:
                job.missed = 0
                left.append(job)
            case .lost where job.missed + 1 < RemoteJobs.patience:
                job.missed += 1
                left.append(job)
            case .finished: ended.append(EndedProgram(task: job.task, request: job.request, trouble: nil))
            case .failed(let cause): ended.append(EndedProgram(task: job.task, request: job.request, trouble: "its job failed: \(cause)"))
            case .lost: ended.append(EndedProgram(task: job.task, request: job.request, trouble: "\(name) knows nothing of its job"))
            }
        }
        jobs = left
        if !ended.isEmpty { FailPoint.jobsClose.pass() }
        for end in ended {
            noting { () throws(Diagnostic) in
                try ledger.closed(tag: end.request.tag, how: end.trouble ?? "finished")
            }
        }
        return ended
    }

    /// Gives up what is not submitted yet. Returns its tasks.
    func abandonWaiting() -> [TaskIndex] {
        defer { (waiting, lookedUp) = ([], 0) }
        return waiting.map(\.task)
    }

    /// Gives every job up without cancelling it; a later run adopts it. Returns the tasks that were given up.
    func abandon() -> [TaskIndex] {
        defer { (jobs, waiting, lookedUp, uncertain, refused) = ([], [], 0, [], []) }
        return jobs.map(\.task) + waiting.map(\.task) + uncertain.map(\.task) + refused.map(\.task)
    }

    func takeNotes() -> [String] {
        defer { notes = [] }
        return notes
    }

    /// What the ledger cannot be told now, the next run finds out by asking the batch system.
    private func noting(_ write: () throws(Diagnostic) -> Void) {
        do throws(Diagnostic) { try write() } catch { note("the ledger cannot be written: \(error.cause)") }
    }

    private func note(_ text: String) {
        let line = "batch system \(name): \(text)"
        if notes.last != line { notes.append(line) }
    }
}

extension ProgramRequest {
    var job: JobDescription { JobDescription(tag: tag, command: command, directory: directory, log: log) }

    /// The same task under the tag of an earlier submission: its files lie in that tag's folder.
    func moved(to other: String) -> ProgramRequest {
        var request = self
        request.tag = other
        request.result = ProgramRequest.replacing(tag, with: other, in: result)
        request.log = ProgramRequest.replacing(tag, with: other, in: log)
        return request
    }

    private static func replacing(_ tag: String, with other: String, in path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { $0 == tag ? other : String($0) }
            .joined(separator: "/")
    }
}
