import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// What jobs that have ended leave, and what becomes of their tasks.
extension RemoteJobs {
    func collectEnded(_ now: UInt64) {
        let keys = collection.take(now)
        if keys.isEmpty { return }
        system.ask(.collect(keys.compactMap { key in submissions[key.tag].map { $0.collected(key.index) } }), now: now)
        takeAnswers(now)
    }

    func take(_ jobs: [CollectedJob], _ missing: [JobKey: String], _ now: UInt64) {
        // what pilots have left at last
        for tag in Set(jobs.map(\.key.tag)) where submissions[tag]?.pool != nil { look(tag, now) }
        for job in jobs {
            guard let element = submissions[job.key], let end = element.end else { continue }
            let isPatient = now &- element.endedAt < polling.grace
            if let why = missing[job.key], isPatient {
                collection.postpone(job.key, now)
                notes.add("results are not to be had yet: \(why)")
                continue
            }
            if submissions[job.key.tag]!.pool != nil {
                if !endPilot(job, element, end, isPatient: isPatient) { collection.postpone(job.key, now) }
                continue
            }
            let result = JobFile.result(job.result)
            let isWhole = element.members.allSatisfy { result.outcomes[$0.position] != nil }
            if !isWhole && end == .succeeded && isPatient {
                // file systems show late what others have written
                collection.postpone(job.key, now)
                continue
            }
            conclude(job, end, result, now)
        }
    }

    private func conclude(_ job: CollectedJob, _ end: JobEnd, _ result: JobResult, _ now: UInt64) {
        let options = submissions[job.key.tag]!.options
        guard let element = submissions.drop(job.key) else { return }
        let isWhole = element.members.allSatisfy { result.outcomes[$0.position] != nil }
        if isWhole || end == .cancelled { unwanted(job) }
        let reports = JobReports(of: result, in: segments, &notes)
        if isCancelling && end == .cancelled { cancelled += 1 }
        var undone: [Submission.Member] = []
        for member in element.members.sorted(by: { $0.position < $1.position }) {
            if let left = reports.outcome(at: member.position, of: member.request.task, end) {
                conclude(member, left.frame, left.place, job, options)
            } else {
                undone.append(member)
            }
        }
        known.saw(reports.latest)
        lose(undone, reports, element, job, end, options, now)
        withdrawn.remove(job.key)
        if undone.isEmpty { trials.succeeded(on: element.node) }
    }

    /// Tasks without an outcome of a job that has ended: those that were at work are lost, the others run in another.
    func lose(
        _ undone: [Submission.Member], _ reports: JobReports, _ element: Submission.Element, _ job: CollectedJob, _ end: JobEnd,
        _ options: JobOptions, _ now: UInt64
    ) {
        let positions = undone.map(\.position), isCalledOff = isCalledOff(job.key, end) && !reports.haveBegun(any: positions)
        let blamed = isCalledOff ? [] : reports.blamed(of: positions)
        var last: Submission.Member?
        for member in undone {
            if end == .succeeded || blamed.contains(member.position) {
                lose(member, element, job, end, options, now)
                last = member
            } else {
                close(job.key, member, how: isCalledOff ? "cancelled" : "not begun", again(member))
            }
        }
        // a job is one failure, however many tasks it had; what somebody ends on purpose proves nothing of the others
        if let last, !end.isOnPurpose && !self.isCalledOff(job.key, end) { failed(end.words, last.task) }
    }

    func conclude(
        _ member: Submission.Member, _ frame: OutcomeFrame, _ place: ReportPlace?, _ job: CollectedJob, _ options: JobOptions
    ) {
        if let queue = options.queue { choice.succeeded(at: queue) }
        tally.ended(options, member.count, frame.kind == .done ? \.done : \.failed)
        if frame.kind == .done {
            if isOfBefore(frame, job.key.tag) { tally.doneBefore += 1 }
            storm.succeeded()
        } else {
            failed(frame.text, member.task)
            // by its own word (MemoryError): as where the system has ended it
            if frame.kind == .outOfMemory { _ = trials.saw(.outOfMemory, of: member.request, options: options, node: nil, peak: nil) }
        }
        endings.append(EndedJob(task: member.task, frame: frame, recorded: place, log: job.log))
        if frame.kind == .done {
            // where it asks for other tasks it comes back
            close(job.key, member, how: "finished", frame.asks ? trials.tries(of: member.request) : [:])
        } else {
            close(job.key, member, how: "failed", trials.tries(of: member.request, after: frame.kind))
        }
    }

    func lose(
        _ member: Submission.Member, _ element: Submission.Element, _ job: CollectedJob, _ end: JobEnd, _ options: JobOptions,
        _ now: UInt64
    ) {
        if end.isOfPlace { lost(member, at: options.queue, end.words, now) }
        let isLonger = trials.saw(end, of: member.request, options: options, node: avoidable(element.node), peak: element.peak)
        var kind = isLonger ? .workerLost : end.kind
        if isCalledOff(job.key, end) { kind = .interrupted }
        if kind != .interrupted { tally.ended(options, member.count, \.lost) }
        let place = element.node.map { " on \($0)" } ?? ""
        let said = end.isOfStage ? JobFile.lastLine(job.log).map { ": \($0)" } ?? "" : ""
        let cause = kind == .interrupted ? "its job was cancelled\(place)" : "\(end.words)\(place)\(said)"
        endings.append(EndedJob(task: member.task, log: job.log, kind: kind, cause: cause))
        close(job.key, member, how: end.text, kind == .interrupted ? [:] : trials.tries(of: member.request, after: kind))
    }

    /// A node that a job may be kept from; elsewhere none is bad, since nothing would follow from it.
    private func avoidable(_ node: String?) -> String? { system.habits.avoidsNodes ? node : nil }

    private func close(_ key: JobKey, _ member: Submission.Member, how: String, _ tries: [String: JobTries]) {
        spent.add(tries, key.tag, member.request)
        close(key.tag, LedgerEnd(key.index, position: member.position, how: how, tries: tries))
    }

    // MARK: what the system need not keep

    /// Of a job that was lost the system's files may tell more: they stay.
    private func unwanted(_ job: CollectedJob) {
        if system.habits.keepsFiles, let id = job.id { discards.add(job.key, id) }
    }

    func discard(_ now: UInt64) {
        if let question = discards.take() { system.ask(question, now: now) }
    }

    /// Before the driver ends; a system that does not answer keeps nobody for longer than ten seconds.
    func discardRest() {
        for _ in 0..<500 where !discards.isEmpty {
            let now = clock.monotonic()
            discard(now)
            takeAnswers(now)
            if !discards.isEmpty { usleep(20_000) }
        }
    }
}
