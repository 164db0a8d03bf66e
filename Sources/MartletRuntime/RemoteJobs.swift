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
    let system: any BatchSystem
    let settings: JobSettings
    let ledger: any SubmissionLedger
    let clock: any Clock
    /// Where jobs report.
    let segments: any SegmentFolder
    let newTag: () -> String
    /// What stands in a folder; tests play file systems that show it late.
    var list: (String) throws(SystemError) -> PoolListing = { (folder) throws(SystemError) in try PoolListing(folder) }

    var waiting = WaitingTasks()
    var earlier = EarlierJobs()
    var otherwise = OtherwiseAsked()
    var submissions = Submissions()
    var polling: JobPolling
    var trials = JobTrials()
    var choice = QueueChoice()
    var storm = FailureStorm()
    var collection = JobCollection()
    var closings = JobClosings()
    var adoption = Adoption()
    var spent = SpentTasks()
    var discards = JobDiscards()
    var piloting = Piloting()
    var signs = SignsOfLife()
    var notes: JobNotes
    /// What ended since it was asked for last.
    var endings: [EndedJob] = []
    /// Tasks that are not wanted any more: what of them has not begun is given back.
    var recalled: Set<TaskIndex> = []
    /// Jobs that are cancelled for that.
    var withdrawn: Set<JobKey> = []
    /// Tasks that did not come to their turn, and will not, since they were asked for last.
    var returned: [TaskIndex] = []
    var isCancelling = false
    /// The system has not cancelled what it was asked to.
    var mustCancelAgain = false
    /// Nothing is submitted at the moment.
    var isHeld = false
    /// What still waits is not submitted for want of room.
    var restWaits = false
    /// Jobs that were cancelled on request, as the system has confirmed.
    var cancelled = 0
    var tally: JobTally
    var known: KnownMoment
    /// Nanoseconds since 1970-01-01 UTC.
    private let begun: Int64
    /// The moment of what this run's own process records now.
    private let ownMoment: () -> Int64

    public init(
        system: any BatchSystem, settings: JobSettings, ledger: any SubmissionLedger, clock: any Clock,
        segments: any SegmentFolder = NoSegments(), newTag: @escaping () -> String,
        ownMoment: @escaping () -> Int64 = { .min }
    ) {
        self.system = system
        self.settings = settings
        self.ledger = ledger
        self.clock = clock
        self.segments = segments
        self.newTag = newTag
        self.ownMoment = ownMoment
        known = KnownMoment(of: segments)
        begun = clock.wall()
        polling = JobPolling(system.habits, chosen: settings.pollInterval)
        tally = JobTally(usualReasons: system.habits.usualReasons)
        notes = JobNotes(system: settings.system)
    }

    /// Whether a task of an earlier driver's job had ended before this run began, by the clock of where it ran.
    func isOfBefore(_ frame: OutcomeFrame, _ tag: String) -> Bool {
        !earlier.own.contains(tag) && Double(frame.start) / 1e9 + frame.wall < Double(begun) / 1e9
    }

    var isEmpty: Bool { waiting.isEmpty && submissions.isEmpty && endings.isEmpty && returned.isEmpty }

    /// - Parameter wasElsewhere: another run held the task since this one began: it may have submitted a job for it.
    package func start(_ task: TaskIndex, _ request: JobRequest, wasElsewhere: Bool = false) {
        waiting.add(WaitingTasks.One(task: task, request: request), now: clock.monotonic())
        restWaits = false
        if wasElsewhere {
            earlier.outdate()
            known.outdate()
        }
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
        lookAtPools(now)
        askWhenDue(now)
        listen(now)
        takeAnswers(now)
        closings.write(to: ledger, &notes)
        discard(now)
        defer { endings = [] }
        return endings
    }

    func takeNotes() -> [String] { notes.take() }

    // MARK: submitting

    private func submit(_ now: UInt64) throws(Diagnostic) {
        guard waiting.isReady, !isHeld, storm.cause == nil else { return }
        let most = system.habits.mostElements
        if system.habits.grace > 0 && waiting.isGathering(now, full: settings.tasksPerJob * most) { return }
        restWaits = true
        if let pilots = settings.pilots { return try submit(pilots: pilots, now) }
        let room = room
        guard room > 0 else { return }
        let (arrays, taken) = waiting.cut(room: room, slice: settings.tasksPerJob, mostElements: most, newTag: newTag) {
            trials.wish(of: $0.request)
        } shares: { jobs, wish in
            if wish.queues.isEmpty {
                return choice.rests(wish.options.queue ?? "", now: now) ? [] : [(wish.options.queue, jobs)]
            }
            return choice.shares(of: jobs, among: wish.queues, now: now) { submissions.loads }.map { ($0.queue, $0.jobs) }
        }
        try submit(arrays, taken, now)
    }

    /// Jobs that may be added.
    var room: Int { settings.parallelJobs - submissions.live }

    /// - Parameter taken: the places of their tasks among those that wait.
    func submit(_ arrays: [WaitingTasks.NewArray], _ taken: Set<Int>, _ now: UInt64) throws(Diagnostic) {
        if arrays.isEmpty { return }
        let time = clock.wall() / 1_000_000_000
        try intend(arrays, time)
        waiting.remove(taken)
        restWaits = !waiting.isEmpty
        if submissions.isEmpty { polling.submittedFirst(now) }
        for array in arrays { hand(array, time, now) }
    }

    /// Has the descriptions and the ledger on disk.
    private func intend(_ arrays: [WaitingTasks.NewArray], _ time: Int64) throws(Diagnostic) {
        do throws(SystemError) {
            let moment = moment()
            for array in arrays { try JobFile.write(array, settings, after: moment) }
        } catch {
            throw Diagnostic(.stateUnwritable, subject: error.path, cause: error.text)
        }
        FailPoint.jobsIntend.pass()
        try ledger.intend(
            arrays.map {
                LedgerEntry(
                    tag: $0.tag, system: settings.system, time: time, queue: $0.options.queue,
                    slices: WaitingTasks.ledgered($0.slices, trials), pilots: $0.pilots)
            })
    }

    /// What jobs report that are described now is to be later than this.
    func moment() -> Int64 {
        known.saw(ownMoment())
        return known.look()
    }

    private func hand(_ new: WaitingTasks.NewArray, _ time: Int64, _ now: UInt64) {
        earlier.add(own: new.tag)
        let folder = settings.folder(of: new.tag), file = settings.jobFile(of: new.tag)
        submissions.add(
            Submission(
                tag: new.tag, folder: folder, options: new.options, time: time,
                elements: new.pilots.map { Submission.pilots($0, since: now) } ?? Submission.elements(of: new.slices, since: now),
                pool: new.pilots.map { SlicePool(new.slices, pilots: $0) }))
        FailPoint.jobsSubmit.pass()
        system.ask(
            .submit(
                JobArray(
                    tag: new.tag, count: new.pilots ?? new.slices.count, command: settings.command.map { $0 == "{job}" ? file : $0 },
                    directory: settings.directory, folder: folder, files: settings.files + [file],
                    sources: settings.sources, options: new.options)),
            now: now)
    }

    func close() {
        forgetSpent()
        dismissPilots()
        discardRest()
        system.close()
    }
}
