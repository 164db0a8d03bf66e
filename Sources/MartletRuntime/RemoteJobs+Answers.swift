import MartletModel
import MartletPorts
import MartletSystem

/// What the loop asks the batch system, and what follows from its answers.
extension RemoteJobs {
    /// Submissions of a task that were answered by nothing at all.
    private static let mostDoubts = 3

    func takeAnswers(_ now: UInt64) {
        for answer in system.answers(now: now) {
            switch answer {
            case .submitted(let tag, let acceptances): take(tag, acceptances, now)
            case .listed(let found): take(found, now)
            case .collected(let jobs, let missing): take(jobs, missing, now)
            case .cancelled(_, let refusal):
                guard let refusal else { continue }
                notes.add("jobs could not be cancelled: \(refusal)")
                mustCancelAgain = isCancelling
            case .discarded(_, let refusal):
                discards.answered()
                if let refusal { notes.add("files of collected jobs stay there, until they are removed for their age: \(refusal)") }
            case .shown: break
            }
        }
    }

    // MARK: submissions

    private func take(_ tag: String, _ acceptances: [Acceptance], _ now: UInt64) {
        guard submissions[tag] != nil else { return }
        if submissions.count == 1 { polling.submittedFirst(now) }
        let (ids, refused, unheard) = submissions.accept(tag, acceptances, now)
        if !ids.isEmpty {
            FailPoint.jobsRecord.pass()
            // without this line the next run finds the jobs by their tag
            notes.noting { () throws(Diagnostic) in try ledger.accepted(tag: tag, ids) }
        }
        if isCancelling && !ids.isEmpty {
            system.ask(.cancel(Dictionary(uniqueKeysWithValues: ids.map { (JobKey(tag, $0), $1) })), now: now)
        }
        leave(tag, unheard, now)
        refuse(tag, refused, now)
    }

    /// Where they were to go nobody answers: they wait until it is tried again, or go elsewhere.
    private func leave(_ tag: String, _ unheard: [Int: String], _ now: UInt64) {
        guard let why = unheard.values.first, let queue = submissions[tag].map({ $0.options.queue ?? "" }) else { return }
        let pause = choice.unreachable(queue, now: now)
        notes.add("\(queue.isEmpty ? "it" : queue) cannot be reached, and is tried again in \(Int(pause)) s: \(why)")
        let isPilot = submissions[tag]?.pool != nil
        for index in unheard.keys.sorted() {
            guard let element = submissions.drop(JobKey(tag, index)) else { continue }
            let tries = element.members.map { again($0) }
            close(tag, index, isPilot: isPilot, how: "never sent", tries)
        }
    }

    private func refuse(_ tag: String, _ refused: [Int: String], _ now: UInt64) {
        // the nodes that are left may not be enough
        guard !refused.isEmpty, let options = submissions[tag]?.options else { return }
        let forgives = !options.avoidedNodes.isEmpty
        if forgives { trials.forgetNodes() }
        for (index, why) in refused.sorted(by: { $0.key < $1.key }) {
            let isPilot = submissions.inPool(tag) { $0.fate = .refused(why, isForgiven: forgives) } != nil
            let members = submissions[tag]?.pool?.members.first?.value.prefix(1)
            guard let element = submissions.drop(JobKey(tag, index)) else { continue }
            for member in members ?? element.members[...] { lost(member, at: options.queue, why, now) }
            let tries = element.members.map { refuse($0, at: options.queue, why, isForgiven: forgives) }
            close(tag, index, isPilot: isPilot, how: "refused", tries)
        }
    }

    /// All of a job, or a pilot, of which nothing is left to be found out.
    private func close(_ tag: String, _ index: Int, isPilot: Bool, how: String, _ tries: [[String: JobTries]]) {
        if isPilot { return close(tag, LedgerEnd(pilot: index, how: how)) }
        return close(tag, LedgerEnd(index, how: how, tries: tries.reduce(into: [:]) { $0.merge($1) { $1 } }))
    }

    /// - Returns: what the ledger is to say of it (`JobTrials.tries`).
    func refuse(_ member: Submission.Member, at queue: String?, _ why: String, isForgiven: Bool) -> [String: JobTries] {
        if isForgiven || isWelcomeElsewhere(member, than: queue) { return again(member) }
        return couldNotStart(member, "\(settings.system) refused its job: \(why)")
    }

    private func couldNotStart(_ member: Submission.Member, _ cause: String) -> [String: JobTries] {
        endings.append(EndedJob(task: member.task, log: "", kind: .couldNotStart, cause: cause))
        return trials.tries(of: member.request, after: .couldNotStart)
    }

    /// Whether there is a queue left that has not refused its job.
    private func isWelcomeElsewhere(_ member: Submission.Member, than queue: String?) -> Bool {
        guard let queue, !member.request.queues.isEmpty else { return false }
        trials.refused(member.request, by: queue)
        return !trials.queues(of: member.request).isEmpty
    }

    /// A queue, where there is a choice of several, has not run a job that it was given.
    func lost(_ member: Submission.Member, at queue: String?, _ why: String, _ now: UInt64) {
        guard let queue, !member.request.queues.isEmpty, let rest = choice.lost(at: queue, now: now) else { return }
        notes.add("\(queue) is given no jobs for \(Int(rest) / 60) min: \(why)")
    }

    /// Its job never was, or ended before its turn.
    /// - Returns: what the ledger is to say of it.
    func again(_ member: Submission.Member) -> [String: JobTries] {
        if isCancelling || recalled.contains(member.task) {
            returned.append(member.task)
            return isCancelling ? [:] : trials.tries(of: member.request)
        }
        waiting.putBack(WaitingTasks.One(task: member.task, request: member.request))
        return trials.tries(of: member.request)
    }

    // MARK: lists

    func askWhenDue(_ now: UInt64) {
        guard polling.isDue(now, isUrgent: isCancelling || !withdrawn.isEmpty || submissions.isUnsettled) else { return }
        let asked = submissions.questions
        if asked.isEmpty { return }
        FailPoint.jobsPoll.pass()
        polling.begin(asked, now)
        system.ask(.list(asked), now: now)
    }

    /// Says once of a job that it has fallen silent. What becomes of it is the system's to say.
    func listen(_ now: UInt64) {
        guard signs.isDue(now) else { return }
        for job in signs.look(at: submissions.running, now: now) {
            notes.add("\(job.text) is called running, and has not said a word for ten minutes: martlet jobs logs \(job.text)")
        }
    }

    private func take(_ found: BatchListing, _ now: UInt64) {
        guard let question = polling.end() else { return }
        defer { submissions.settle() }
        see(found.jobs.filter { question.asked.contains($0.key.tag) }, now)
        if let gap = found.gap {
            notes.add("cannot be asked at the moment: \(gap)")
            if found.unheard.isEmpty { return }
        } else {
            notes.answered()
        }
        let heard = question.asked.subtracting(found.unheard)
        for key in submissions.missing(Set(found.jobs.map(\.key)), of: heard, began: question.began) { miss(key, now) }
    }

    private func see(_ jobs: [SeenJob], _ now: UInt64) {
        var unwanted: [JobKey: JobID] = [:]
        var recovered: [String: [Int: JobID]] = [:]
        for job in jobs {
            let sighting = submissions.see(job, now)
            if sighting.contains(.found) { recovered[job.key.tag, default: [:]][job.key.index] = job.id }
            // what is cancelled was so by the ids that were known
            if sighting.contains(.held) || (isCancelling && sighting.contains(.found)) { unwanted[job.key] = job.id }
            if job.state.waits && isRecalled(job.key) {
                unwanted[job.key] = job.id
                withdrawn.insert(job.key)
            }
            if sighting.contains(.ended) { collection.add(job.key) }
        }
        for (tag, ids) in recovered { notes.noting { () throws(Diagnostic) in try ledger.accepted(tag: tag, ids) } }
        if mustCancelAgain {
            mustCancelAgain = false
            unwanted.merge(submissions.cancellable) { known, _ in known }
        }
        if !unwanted.isEmpty { system.ask(.cancel(unwanted), now: now) }
    }

    /// A complete list was without it.
    private func miss(_ key: JobKey, _ now: UInt64) {
        let absences = submissions.miss(key), element = submissions[key]!
        guard absences >= polling.patience, now &- element.since >= polling.grace else { return }
        if element.id != nil || hasBegun(key) {
            // a system that forgets at once what it has cancelled while it waited
            let why = isCancelling || withdrawn.contains(key) ? JobEnd.cancelled : element.held.map { JobEnd.evicted("held: \($0)") }
            submissions.finish(key, why ?? .unknown("forgotten: \(settings.system) knows nothing of it"), now)
            return collection.add(key)
        }
        // it was never accepted
        let how = "never accepted"
        let isPilot = submissions.inPool(key.tag) { $0.fate = .vanished(element.doubt) } != nil
        let tries = submissions.drop(key)!.members.map { vanish($0, key.tag, element.doubt) }
        close(key.tag, key.index, isPilot: isPilot, how: how, tries)
    }

    /// Though the system knows nothing of it.
    private func hasBegun(_ key: JobKey) -> Bool {
        if let pool = submissions[key.tag]!.pool { return pool.hasBegun(key.index) }
        return JobFile.isThere(JobArray.result(of: key.index, in: submissions[key.tag]!.folder))
    }

    /// - Returns: what the ledger is to say of it.
    func vanish(_ member: Submission.Member, _ tag: String, _ doubt: String?) -> [String: JobTries] {
        let doubts = earlier.own.contains(tag) ? trials.vanished(member.request) : trials.doubts(of: member.request)
        if doubts < RemoteJobs.mostDoubts { return again(member) }
        return couldNotStart(member, "its job could not be submitted: \(doubt ?? "no answer")")
    }
}
