import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem

/// What a run has that is a job's slice of another: its result, and its log.
struct JobSlice {
    private let site: JobSite
    private let log: JobLog?
    private var results: JobResults?
    /// Why outcomes are not in the result: the first that went wrong.
    private(set) var trouble: Diagnostic?
    /// What a task printed is found in its process's log alone.
    private(set) var needsLogs = false
    /// Tasks that are, or were, at work.
    private var atWork: Set<TaskIndex> = []
    /// What has asked for other tasks, and is not left behind yet.
    var asking: [EndedExecution] = []

    init(_ site: JobSite) {
        self.site = site
        log = JobLog(site)
    }

    var logOfWorkers: JobLog? { site.printsThere ? log : nil }

    /// - Parameter last: behind which this run reports.
    /// - Throws: when the result cannot be written.
    mutating func begin(behind last: ReportPlace, _ segments: any SegmentFolder) throws(Diagnostic) {
        results = JobResults(site, segments)
        do throws(SystemError) {
            try results!.begin(behind: last)
        } catch {
            throw Diagnostic(.stateUnwritable, subject: site.result, cause: error.text)
        }
    }

    /// Says of tasks that they are at work, once of each.
    mutating func begun(_ tasks: [TaskIndex]) {
        let fresh = tasks.filter { atWork.insert($0).inserted }
        if fresh.isEmpty { return }
        // who cannot write this cannot leave outcomes either, and that is told
        do throws(SystemError) { try results?.begun(fresh) } catch {}
    }

    /// Leaves outcomes behind. - Returns: why that could not be done.
    mutating func leave(_ ended: [(frame: OutcomeFrame, place: ReportPlace?)], moment: Int64) -> Diagnostic? {
        do throws(SystemError) {
            try results?.add(ended, moment: moment)
            return nil
        } catch {
            let why = Diagnostic(.stateUnwritable, subject: site.result, cause: error.text)
            trouble = trouble ?? why
            return why
        }
    }

    /// Appends to the summary, where that is so, `"unleft":text`, why outcomes could not be left behind, and
    /// `"needs_logs":true`: reports name logs of the job's processes.
    func append(to writer: inout JSONWriter) {
        if let trouble {
            writer.name("unleft")
            writer.string(Wording.text(trouble).line)
        }
        if needsLogs {
            writer.name("needs_logs")
            writer.bool(true)
        }
    }

    /// Has what an execution printed stand in the job's log.
    mutating func gather(_ one: inout EndedExecution) {
        guard let span = one.log else { return }
        let found = log?.take(span) ?? span
        one.log = found
        (one.frame.logOffset, one.frame.logLength) = (UInt64(clamping: found.offset), UInt64(clamping: found.length))
        one.frame.hasOwnLog = found.file != site.log
        if one.frame.hasOwnLog { needsLogs = true }
    }
}

extension Driver {
    /// In a job: what the run that had it submitted knows of a task.
    public func know(_ origin: JobOrigin, of task: TaskIndex) { records.know(origin, of: task) }

    /// In a job: reports what ended, and once that is on disk leaves it behind for whoever collects the job's result. What has
    /// lost its process is left and not reported: how the job ends may say more of why. What cannot be reported here is
    /// reported there.
    /// - Returns: what could not be left behind: it counts for nothing.
    func reportAndLeave(_ ended: inout [EndedExecution]) -> [Diagnostic?] {
        for i in ended.indices { slice!.gather(&ended[i]) }
        let told = ended.filter { $0.frame.kind != .workerLost }
        var places: [TaskIndex: ReportPlace] = [:]
        for (one, result) in zip(told, records.record(told, engine)) {
            switch result {
            case .success(let place): places[one.frame.task] = place
            case .failure(let why): endings.note(nil, Wording.text(why).line)
            }
        }
        if let why = records.settle() {
            places = [:]
            endings.note(nil, Wording.text(why).line)
        }
        let trouble = slice!.leave(ended.map { ($0.frame, places[$0.frame.task]) }, moment: records.moment)
        return ended.map { _ in trouble }
    }

    /// In a job: what has asked for other tasks is over here. Whoever collects the job plans them, and runs it again.
    func leaveQuestions() {
        guard let asking = slice?.asking, !asking.isEmpty else { return }
        slice!.asking = []
        let trouble = slice!.leave(asking.map { ($0.frame, nil) }, moment: records.moment)
        var events: [Event] = trouble == nil ? [] : [.interrupted(.unrecordable)]
        var outbox = Outbox()
        for one in asking {
            if one.worker != Driver.children { outbox.forget(one.frame.task, at: one.worker) }
            executions.end(one.frame.task, log: one.log)
            events.append(.ended(one.frame.task, Outcome(.done, wall: one.frame.wall)))
        }
        outbox.send(to: &crew.workers)
        tell(events)
    }
}

extension Result where Failure == Diagnostic {
    var trouble: Diagnostic? {
        if case .failure(let why) = self { return why }
        return nil
    }
}
