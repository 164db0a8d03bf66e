import MartletModel
import MartletPorts
import MartletSystem

/// The one loop that submits, asks, and collects, for every batch system.
///
/// A submission is an array of jobs under one tag, which is in the ledger, on disk, before the system hears of it. A job is
/// told by its tag and index; ids only help, since systems use them again. Whether a submission was accepted that was
/// not answered, by this driver or one before it, is decided by what complete lists say of it for a while; no list that may
/// lack jobs proves anything. Tasks of earlier drivers' jobs that are not closed in the ledger are theirs still: this run's
/// tasks join them.
///
/// Not safe for use by two threads at once.
public final class RemoteJobs {
    struct Waiting {
        var task: TaskIndex
        var request: JobRequest
    }

    /// What the system was asked about, and since when.
    private struct Listing {
        var began: UInt64
        var asked: Set<String>
    }

    /// Nanoseconds for which tasks wait for others to be submitted with them, where submitting is dear.
    private static let gathering: UInt64 = 500_000_000
    /// Submissions of a task that were answered by nothing at all.
    private static let mostDoubts = 3
    /// Nanoseconds after a submission to an empty system in which its jobs are looked at more often, and seconds between
    /// two looks then, unless the user says. A run that submits all the time does not ask all the time.
    private static let youth: UInt64 = 30_000_000_000
    private static let youngInterval = 5.0

    let system: any BatchSystem
    let settings: JobSettings
    private let ledger: any SubmissionLedger
    private let clock: any Clock
    private let newTag: () -> String

    private var waiting: [Waiting] = []
    /// How many of those that wait, from the front, were looked for among the jobs of earlier drivers.
    private var lookedUp = 0
    private var lastStart: UInt64 = 0
    var submissions: [String: Submission] = [:]
    /// Tags of this process.
    private var own: Set<String> = []
    /// Where the ledger has tasks of earlier drivers' jobs, by task id.
    private var open: [String: (submission: OpenSubmission, element: Int, position: Int)] = [:]
    /// The ledger must be read before anything is submitted.
    private var isOutdated = true
    private var listing: Listing?
    private var lastListing: UInt64?
    /// When the first submission after none was made or, later, answered.
    private var youngSince: UInt64 = 0
    /// How often a task's submission vanished.
    private var doubts: [TaskIndex: Int] = [:]
    private var trials = JobTrials()
    private var storm = FailureStorm()
    private var endings: [EndedJob] = []
    private var closings: [String: [LedgerEnd]] = [:]
    private var isCancelling = false
    /// Jobs in `submissions`.
    private var live = 0
    /// Jobs that have ended and whose results are not asked for yet.
    private var toCollect: [JobKey] = []
    private var nextCollection: UInt64 = 0
    /// It is not known of some jobs whether they are there.
    private var isUnsettled = false
    private var lastNote = ""
    /// For the user: what was adopted, what could not be asked.
    private var notes: [String] = []

    public init(
        system: any BatchSystem, settings: JobSettings, ledger: any SubmissionLedger, clock: any Clock,
        newTag: @escaping () -> String
    ) {
        self.system = system
        self.settings = settings
        self.ledger = ledger
        self.clock = clock
        self.newTag = newTag
    }

    var isEmpty: Bool { waiting.isEmpty && submissions.isEmpty && endings.isEmpty }

    /// Jobs by state: tasks that wait for being submitted, jobs that are being submitted, pending, running.
    var counts: (waiting: Int, unanswered: Int, pending: Int, running: Int) {
        var counts = (waiting: waiting.count, unanswered: 0, pending: 0, running: 0)
        for element in submissions.values.lazy.flatMap(\.elements.values) {
            switch element.progress {
            case .unanswered: counts.unanswered += 1
            case .pending: counts.pending += 1
            case .running, .ended: counts.running += 1
            }
        }
        return counts
    }

    /// - Parameter wasElsewhere: another run held the task since this one began: it may have submitted a job for it.
    package func start(_ task: TaskIndex, _ request: JobRequest, wasElsewhere: Bool = false) {
        waiting.append(Waiting(task: task, request: request))
        lastStart = clock.monotonic()
        if wasElsewhere { isOutdated = true }
    }

    /// Submits what waits, asks about the rest when it is time, and says what ended.
    /// - Throws: when the ledger cannot take the intention to submit: then nothing was submitted, and `abandonWaiting()`
    ///   returns their tasks.
    package func turn() throws(Diagnostic) -> [EndedJob] {
        let now = clock.monotonic()
        takeAnswers(now)
        try adopt(now)
        try submit(now)
        collectEnded(now)
        askWhenDue(now)
        takeAnswers(now)
        writeClosings()
        defer { endings = [] }
        return endings
    }

    // MARK: jobs of earlier drivers

    /// Of tasks that are not this run's nothing is touched: another driver may be about to submit them.
    private func adopt(_ now: UInt64) throws(Diagnostic) {
        guard lookedUp < waiting.count else { return }
        try readLedger()
        var rest: [Waiting] = []
        for one in waiting[lookedUp...] {
            if let place = open.removeValue(forKey: one.request.task) {
                join(one, place.submission, place.element, place.position, now)
            } else {
                rest.append(one)
            }
        }
        waiting.replaceSubrange(lookedUp..., with: rest)
        lookedUp = waiting.count
    }

    private func readLedger() throws(Diagnostic) {
        guard isOutdated else { return }
        writeClosings()
        open = [:]
        for submission in try ledger.open()
        where submission.entry.system == settings.system && !own.contains(submission.entry.tag) {
            for (element, positions) in submission.open {
                for position in positions {
                    open[submission.entry.elements[element][position]] = (submission, element, position)
                }
            }
        }
        isOutdated = false
        for line in ledger.damage { note(Wording.text(line).line) }
    }

    private func join(_ one: Waiting, _ found: OpenSubmission, _ element: Int, _ position: Int, _ now: UInt64) {
        let tag = found.entry.tag
        if submissions[tag] == nil {
            submissions[tag] = Submission(
                tag: tag, folder: settings.folder(of: tag), options: one.request.options, time: found.entry.time,
                answeredAt: now, elements: [:])
        }
        let id = found.ids[element]
        if submissions[tag]!.elements[element] == nil {
            submissions[tag]!.elements[element] = Submission.Element(
                members: [], sliceCount: found.entry.elements[element].count, id: id,
                doubt: id == nil ? "an earlier run ended while it was submitted" : nil, since: now)
            live += 1
            if id == nil { isUnsettled = true }
        }
        submissions[tag]!.elements[element]!.members.append(
            Submission.Member(position: position, task: one.task, request: one.request))
        lastListing = nil
        if id != nil { note("goes on with the job that an earlier run submitted for \(one.request.task)") }
    }

    // MARK: submitting

    private func submit(_ now: UInt64) throws(Diagnostic) {
        guard lookedUp > 0, !refuseInStorm() else { return }
        // tasks come many at a time, but not all at once
        let gathers = system.habits.grace > 0 && lookedUp < settings.tasksPerJob * system.habits.mostElements
        if gathers && now < lastStart &+ RemoteJobs.gathering { return }
        let room = settings.parallelJobs - live
        guard room > 0 else { return }
        let (arrays, taken) = cut(room: room)
        if arrays.isEmpty { return }
        let time = clock.wall() / 1_000_000_000
        do throws(SystemError) {
            for array in arrays {
                try JobFile.write(array.slices.map { $0.map(\.request) }, settings, tag: array.tag)
            }
        } catch {
            throw Diagnostic(.stateUnwritable, subject: error.path, cause: error.text)
        }
        FailPoint.jobsIntend.pass()
        try ledger.intend(
            arrays.map {
                LedgerEntry(tag: $0.tag, system: settings.system, time: time, elements: $0.slices.map { $0.map(\.request.task) })
            })
        waiting = waiting.enumerated().filter { !taken.contains($0.offset) }.map(\.element)
        lookedUp = waiting.count
        if submissions.isEmpty { youngSince = now }
        for array in arrays { hand(array, time, now) }
    }

    private struct NewArray {
        var tag: String
        var options: JobOptions
        var slices: [[Waiting]]
    }

    /// Cuts what waits into slices of tasks that ask for the same, and those into arrays.
    /// - Parameter room: jobs that may be added.
    /// - Returns: the arrays, and the places of their tasks among those that wait.
    private func cut(room: Int) -> (arrays: [NewArray], taken: Set<Int>) {
        var groups: [JobOptions: Int] = [:]
        var members: [(options: JobOptions, places: [Int])] = []
        // what waits behind is not looked at each time that a few jobs have ended
        let most = room.multipliedReportingOverflow(by: settings.tasksPerJob)
        for place in 0..<(most.overflow ? lookedUp : min(lookedUp, most.partialValue)) {
            let options = trials.options(of: waiting[place].request, for: waiting[place].task)
            if groups[options] == nil {
                groups[options] = members.count
                members.append((options, []))
            }
            members[groups[options]!].places.append(place)
        }
        var arrays: [NewArray] = [], taken: Set<Int> = [], room = room
        for (options, places) in members {
            let jobs = min(room, (places.count + settings.tasksPerJob - 1) / settings.tasksPerJob)
            if jobs <= 0 { break }
            room -= jobs
            let used = places.prefix(jobs * settings.tasksPerJob)
            taken.formUnion(used)
            let slices = stride(from: 0, to: used.count, by: settings.tasksPerJob).map { begin in
                used[begin..<min(begin + settings.tasksPerJob, used.count)].map { waiting[$0] }
            }
            for begin in stride(from: 0, to: slices.count, by: system.habits.mostElements) {
                let part = Array(slices[begin..<min(begin + system.habits.mostElements, slices.count)])
                arrays.append(NewArray(tag: newTag(), options: options, slices: part))
            }
        }
        return (arrays, taken)
    }

    private func hand(_ new: NewArray, _ time: Int64, _ now: UInt64) {
        own.insert(new.tag)
        live += new.slices.count
        var elements: [Int: Submission.Element] = [:]
        for (index, slice) in new.slices.enumerated() {
            let members = slice.enumerated().map {
                Submission.Member(position: $0.offset, task: $0.element.task, request: $0.element.request)
            }
            elements[index] = Submission.Element(members: members, sliceCount: slice.count, since: now)
        }
        let folder = settings.folder(of: new.tag), file = settings.jobFile(of: new.tag)
        submissions[new.tag] = Submission(
            tag: new.tag, folder: folder, options: new.options, time: time, elements: elements)
        FailPoint.jobsSubmit.pass()
        system.ask(
            .submit(
                JobArray(
                    tag: new.tag, count: new.slices.count, command: settings.command.map { $0 == "{job}" ? file : $0 },
                    directory: settings.directory, folder: folder, files: settings.files + [file], options: new.options)),
            now: now)
    }

    /// - Returns: whether nothing more is submitted, since too much has failed in the same way.
    private func refuseInStorm() -> Bool {
        guard let cause = storm.cause else { return false }
        let words = "not submitted: \(FailureStorm.limit) jobs in succession failed alike: \(cause)"
        for one in waiting { endings.append(EndedJob(task: one.task, log: "", kind: .couldNotStart, cause: words)) }
        if !waiting.isEmpty { note("submits nothing more: \(FailureStorm.limit) jobs in succession failed alike: \(cause)") }
        (waiting, lookedUp) = ([], 0)
        return true
    }

    // MARK: answers

    private func takeAnswers(_ now: UInt64) {
        for answer in system.answers(now: now) {
            switch answer {
            case .submitted(let tag, let acceptances): takeAcceptances(tag, acceptances, now)
            case .listed(let found): take(found, now)
            case .collected(let jobs, let missing): take(jobs, missing, now)
            case .cancelled(_, let refusal):
                if let refusal { note("jobs could not be cancelled: \(refusal)") }
            }
        }
    }

    private func takeAcceptances(_ tag: String, _ acceptances: [Acceptance], _ now: UInt64) {
        guard submissions[tag] != nil else { return }
        submissions[tag]!.answeredAt = now
        if submissions.count == 1 { youngSince = now }
        var ids: [Int: JobID] = [:]
        var refused: [Int: String] = [:]
        for (index, answer) in acceptances.enumerated() {
            guard submissions[tag]!.elements[index] != nil else { continue }
            submissions[tag]!.elements[index]!.since = now
            switch answer {
            case .accepted(let id):
                ids[index] = id
                submissions[tag]!.elements[index]!.id = id
                if submissions[tag]!.elements[index]!.progress == .unanswered {
                    submissions[tag]!.elements[index]!.progress = .pending
                }
            case .refused(let why): refused[index] = why
            case .uncertain(let why):
                submissions[tag]!.elements[index]!.doubt = why
                isUnsettled = true
            }
        }
        if !ids.isEmpty {
            FailPoint.jobsRecord.pass()
            // without this line the next run finds the jobs by their tag
            noting { () throws(Diagnostic) in try ledger.accepted(tag: tag, ids) }
        }
        if isCancelling && !ids.isEmpty {
            system.ask(.cancel(Dictionary(uniqueKeysWithValues: ids.map { (JobKey(tag, $0), $1) })), now: now)
        }
        refuse(tag, refused)
    }

    private func refuse(_ tag: String, _ refused: [Int: String]) {
        // the nodes that are left may not be enough
        let forgives = !refused.isEmpty && !submissions[tag]!.options.avoidedNodes.isEmpty
        if forgives { trials.forgetNodes() }
        for (index, why) in refused.sorted(by: { $0.key < $1.key }) {
            guard let element = drop(tag, index) else { continue }
            closings[tag, default: []].append(LedgerEnd(index, how: "refused"))
            for member in element.members {
                if forgives {
                    again(member)
                } else {
                    let cause = "\(settings.system) refused its job: \(why)"
                    endings.append(EndedJob(task: member.task, log: "", kind: .couldNotStart, cause: cause))
                }
            }
        }
    }

    /// Its job never was, or ended before its turn.
    private func again(_ member: Submission.Member) {
        if isCancelling {
            let cause = "its job was cancelled"
            return endings.append(EndedJob(task: member.task, log: "", kind: .interrupted, cause: cause))
        }
        waiting.insert(Waiting(task: member.task, request: member.request), at: lookedUp)
        lookedUp += 1
    }

    private func drop(_ tag: String, _ index: Int) -> Submission.Element? {
        let element = submissions[tag]?.elements.removeValue(forKey: index)
        if element != nil { live -= 1 }
        if submissions[tag]?.elements.isEmpty == true { submissions[tag] = nil }
        return element
    }

    // MARK: asking

    /// Nanoseconds between two questions.
    private func interval(_ now: UInt64) -> UInt64 {
        let habits = system.habits
        var seconds = settings.pollInterval ?? habits.pollInterval
        if isUnsettled || isCancelling { seconds = min(seconds, max(0.5, habits.grace / Double(patience))) }
        if settings.pollInterval == nil && now &- youngSince < RemoteJobs.youth {
            seconds = min(seconds, RemoteJobs.youngInterval)
        }
        return UInt64(seconds * 1e9)
    }

    /// Complete lists without a job after which it counts as missing.
    private var patience: Int { system.habits.grace > 0 ? 3 : 1 }
    private var grace: UInt64 { UInt64(system.habits.grace * 1e9) }

    private func askWhenDue(_ now: UInt64) {
        guard listing == nil else { return }
        if let lastListing, now < lastListing &+ interval(now) { return }
        let asked = submissions.values.compactMap(\.question).sorted { $0.tag < $1.tag }
        if asked.isEmpty { return }
        FailPoint.jobsPoll.pass()
        listing = Listing(began: now, asked: Set(asked.map(\.tag)))
        lastListing = now
        system.ask(.list(asked), now: now)
    }

    private func take(_ found: BatchListing, _ now: UInt64) {
        guard let asked = listing else { return }
        listing = nil
        var held: [JobKey: JobID] = [:]
        var recovered: [String: [Int: JobID]] = [:]
        for job in found.jobs where asked.asked.contains(job.key.tag) {
            see(job, now, &held, &recovered)
        }
        for (tag, ids) in recovered { noting { () throws(Diagnostic) in try ledger.accepted(tag: tag, ids) } }
        if !held.isEmpty { system.ask(.cancel(held), now: now) }
        defer { lookForDoubts() }
        if let gap = found.gap { return note("cannot be asked at the moment: \(gap)") }
        lastNote = ""
        let seen = Set(found.jobs.map(\.key))
        for tag in asked.asked.sorted() {
            guard let submission = submissions[tag], let answered = submission.answeredAt, answered <= asked.began else { continue }
            for (index, element) in submission.elements.sorted(by: { $0.key < $1.key })
            where element.end == nil && element.since <= asked.began && !seen.contains(JobKey(tag, index)) {
                miss(tag, index, now)
            }
        }
    }

    private func see(
        _ job: SeenJob, _ now: UInt64, _ held: inout [JobKey: JobID], _ recovered: inout [String: [Int: JobID]]
    ) {
        let (tag, index) = (job.key.tag, job.key.index)
        guard var element = submissions[tag]?.elements[index], element.end == nil else { return }
        // of two with one tag and index, which no system should have, the known one counts
        if let id = element.id, id != job.id, element.since == now { return }
        if element.id != job.id && (element.id == nil || element.doubt != nil) { recovered[tag, default: [:]][index] = job.id }
        (element.id, element.doubt, element.absences, element.since) = (job.id, nil, 0, now)
        element.node = job.node ?? element.node
        element.peak = job.peakMemory ?? element.peak
        switch job.state {
        case .pending: element.progress = .pending
        case .running: element.progress = .running
        case .held(let why):
            element.held = why
            held[job.key] = job.id
        case .ended(let end):
            element.progress = .ended
            element.end = element.held.map { JobEnd.evicted("held: \($0)") } ?? end
            element.endedAt = now
            toCollect.append(job.key)
        }
        submissions[tag]!.elements[index] = element
    }

    private func lookForDoubts() {
        isUnsettled = submissions.values.contains { one in
            one.elements.values.contains { $0.end == nil && ($0.doubt != nil || $0.absences > 0) }
        }
    }

    /// A complete list was without it.
    private func miss(_ tag: String, _ index: Int, _ now: UInt64) {
        var element = submissions[tag]!.elements[index]!
        element.absences += 1
        submissions[tag]!.elements[index] = element
        guard element.absences >= patience, now &- element.since >= grace else { return }
        let path = JobArray.result(of: index, in: submissions[tag]!.folder)
        if element.id != nil || JobFile.isThere(path) {
            let why = element.held.map { JobEnd.evicted("held: \($0)") }
            submissions[tag]!.elements[index]!.end = why ?? .unknown("forgotten: \(settings.system) knows nothing of it")
            submissions[tag]!.elements[index]!.endedAt = now
            return toCollect.append(JobKey(tag, index))
        }
        // it was never accepted
        let gone = drop(tag, index)!
        closings[tag, default: []].append(LedgerEnd(index, how: "never accepted"))
        for member in gone.members {
            if own.contains(tag) { doubts[member.task, default: 0] += 1 }
            if doubts[member.task, default: 0] < RemoteJobs.mostDoubts {
                again(member)
            } else {
                let cause = "its job could not be submitted: \(gone.doubt ?? "no answer")"
                endings.append(EndedJob(task: member.task, log: "", kind: .couldNotStart, cause: cause))
            }
        }
    }

    // MARK: collecting

    private func collectEnded(_ now: UInt64) {
        if toCollect.isEmpty || now < nextCollection { return }
        let jobs = toCollect.compactMap { key in submissions[key.tag].map { $0.collected(key.index) } }
        toCollect = []
        system.ask(.collect(jobs), now: now)
        takeAnswers(now)
    }

    private func take(_ jobs: [CollectedJob], _ missing: [JobKey: String], _ now: UInt64) {
        for job in jobs {
            guard let element = submissions[job.key.tag]?.elements[job.key.index], let end = element.end else { continue }
            let isPatient = now &- element.endedAt < grace
            if let why = missing[job.key], isPatient {
                lookAgain(job.key, now)
                note("results are not to be had yet: \(why)")
                continue
            }
            let outcomes = JobFile.outcomes(job.result)
            let isWhole = element.members.allSatisfy { outcomes[$0.position] != nil }
            if !isWhole && end == .succeeded && isPatient {
                // file systems show late what others have written
                lookAgain(job.key, now)
                continue
            }
            conclude(job, end, outcomes)
        }
    }

    private func lookAgain(_ key: JobKey, _ now: UInt64) {
        toCollect.append(key)
        nextCollection = now &+ 1_000_000_000
    }

    private func conclude(_ job: CollectedJob, _ end: JobEnd, _ outcomes: [Int: OutcomeFrame]) {
        let options = submissions[job.key.tag]!.options
        guard let element = drop(job.key.tag, job.key.index) else { return }
        var blamed = false
        for member in element.members.sorted(by: { $0.position < $1.position }) {
            if let frame = outcomes[member.position] {
                conclude(member, frame, job)
                continue
            }
            // the first without an outcome was at work when the job ended; the others had not begun
            if blamed && end != .succeeded {
                close(job.key, member, element, how: "not begun")
                again(member)
            } else {
                lose(member, element, job, end, options)
            }
            blamed = true
        }
        if !blamed { trials.succeeded(on: element.node) }
    }

    private func conclude(_ member: Submission.Member, _ frame: OutcomeFrame, _ job: CollectedJob) {
        if frame.kind == .done {
            storm.succeeded()
        } else {
            storm.failed(frame.text)
        }
        endings.append(EndedJob(task: member.task, frame: frame, log: job.log))
        closings[job.key.tag, default: []].append(
            LedgerEnd(job.key.index, position: member.position, how: frame.kind == .done ? "finished" : "failed"))
    }

    private func lose(
        _ member: Submission.Member, _ element: Submission.Element, _ job: CollectedJob, _ end: JobEnd, _ options: JobOptions
    ) {
        let isLonger = trials.saw(end, of: member.task, options: options, node: element.node, peak: element.peak)
        var kind = isLonger ? .workerLost : end.kind
        if isCancelling && end == .cancelled { kind = .interrupted }
        if kind != .interrupted { storm.failed(end.words) }
        let place = element.node.map { " on \($0)" } ?? ""
        let said = end.isOfStage ? JobFile.lastLine(job.log).map { ": \($0)" } ?? "" : ""
        let cause = "\(end.words)\(place)\(said)"
        endings.append(EndedJob(task: member.task, log: job.log, kind: kind, cause: cause))
        close(job.key, member, element, how: end.text)
    }

    private func close(_ key: JobKey, _ member: Submission.Member, _ element: Submission.Element, how: String) {
        closings[key.tag, default: []].append(LedgerEnd(key.index, position: member.position, how: how))
    }

    private func writeClosings() {
        if closings.isEmpty { return }
        FailPoint.jobsClose.pass()
        for (tag, ends) in closings.sorted(by: { $0.key < $1.key }) {
            noting { () throws(Diagnostic) in try ledger.closed(tag: tag, ends) }
        }
        closings = [:]
    }

    // MARK: giving up

    /// Gives up what is not submitted yet. Returns its tasks.
    func abandonWaiting() -> [TaskIndex] {
        defer { (waiting, lookedUp) = ([], 0) }
        return waiting.map(\.task)
    }

    /// Gives every job up without cancelling it; a later run adopts it. Returns the tasks that were given up.
    func abandon() -> [TaskIndex] {
        defer { (submissions, waiting, lookedUp, endings, listing, live) = ([:], [], 0, [], nil, 0) }
        let submitted = submissions.values.flatMap { $0.elements.values.flatMap { $0.members.map(\.task) } }
        return submitted + waiting.map(\.task) + endings.map(\.task)
    }

    /// Cancels every job of this run's tasks, and submits nothing more. Their ends arrive as others do.
    func cancel() {
        isCancelling = true
        for one in waiting {
            endings.append(EndedJob(task: one.task, log: "", kind: .interrupted, cause: "its job was cancelled"))
        }
        (waiting, lookedUp) = ([], 0)
        var jobs: [JobKey: JobID] = [:]
        for (tag, submission) in submissions {
            for (index, element) in submission.elements where element.end == nil { jobs[JobKey(tag, index)] = element.id }
        }
        if !jobs.isEmpty { system.ask(.cancel(jobs), now: clock.monotonic()) }
        lastListing = nil
    }

    func close() { system.close() }

    // MARK: words

    func takeNotes() -> [String] {
        defer { notes = [] }
        return notes
    }

    /// What the ledger cannot be told now, the next run finds out by asking the batch system.
    private func noting(_ write: () throws(Diagnostic) -> Void) {
        do throws(Diagnostic) { try write() } catch { note("the ledger cannot be written: \(error.cause)") }
    }

    /// The same is said once, until the system has answered.
    private func note(_ text: String) {
        let line = "batch system \(settings.system): \(text)"
        if line == lastNote { return }
        lastNote = line
        notes.append(line)
    }
}
