import Glibc
import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem

/// Holds the engine, tells it what happens, and carries out what it wants: one value a run, no globals, no thread.
///
/// Not safe for use by two threads at once. What only Python can do (run a task here, fork a worker) comes back from
/// `advance` as requests.
public final class Driver {
    /// The driver's own workers.
    static let here = WorkerID(0)
    static let children = WorkerID(UInt32.max)
    static let batch = WorkerID(UInt32.max - 1)
    /// Tasks that the calling process is handed ahead of time at the most, where it runs them.
    private static let aheadHere = 256
    /// Jobs that may be in a batch system at the same time.
    static let jobsAtOnce = 10_000

    public private(set) var engine: Engine
    public let adapters: Adapters
    private let here: Bool
    /// How the calling process is set up.
    private var equipped = Equipment.untouched
    var crew: Crew
    var commands = CommandTurns()
    var records = RunRecords()
    var executions: Executions
    var endings = EndingTexts()
    var claims: TaskClaims?
    /// Where this run is a job's slice of another.
    var slice: JobSlice?
    /// What became of jobs that this run did not wait for.
    var leftJobs = LeftJobs()
    private var timers = Timers()
    /// Tasks of which it is not known what their reports are called: their ids are needed by `name`.
    public internal(set) var toName: [TaskIndex] = []
    /// Another run has made tasks since reports were looked up.
    var looksAnew = false
    /// What running tasks ask for, in their own words.
    var questions: [TaskIndex: String] = [:]
    /// What the caller is told next.
    var pending: [Request] = []

    public init(_ options: DriverOptions, _ adapters: Adapters) {
        claims = options.leases.flatMap(adapters.leases).map { TaskClaims($0, here: options.here) }
        claims?.observe()
        var settings = options.settings
        settings.claims = claims?.settings
        // who runs tasks himself is not disturbed by anybody's messages: what a turn costs is shared by more of them
        if options.here { settings.aheadTasks = Driver.aheadHere }
        engine = Engine(settings)
        self.adapters = adapters
        here = options.here
        slice = options.job.map(JobSlice.init)
        executions = Executions(
            logs: TaskLogs(here: options.logHere, isFollowed: options.followsLogs, together: slice?.logOfWorkers))
        let outfitter = Outfitter(devices: options.devices)
        crew = Crew(most: options.settings.slots, outfitter, sandbox: adapters.sandbox, clock: adapters.clock)
    }

    // MARK: planning

    /// The number under which tasks name these terms.
    public func number(of terms: Terms) -> Int { engine.number(of: terms) }

    /// What a workflow puts up with, see `Event.allows`; before it is planned, or before it asks for its branches.
    public func allow(_ workflow: TaskIndex, lacking: Int, failing: Int?) {
        tell([.allows(workflow, lacking: lacking, failing: failing)])
    }

    public func plan(_ tasks: [PlannedTask]) {
        FailPoint.planChunk.pass()
        tell([.planned(tasks)])
    }

    /// What tasks are that were planned after workers were forked.
    public func teach(_ lesson: [UInt8]) { crew.workers.teach(lesson) }

    /// Workers that are there finish what they hold, and others take their places.
    public func renewWorkers() { tell(crew.workers.all.map { .outdated($0) }) }

    /// What a task asks for, in its own words.
    public func asked(by task: TaskIndex) -> String { questions[task] ?? "" }

    /// What a task asked for is planned: it waits for these.
    public func suspend(_ task: TaskIndex, needs: [TaskIndex]) {
        questions[task] = nil
        tell([.suspended(task, needs: needs)])
    }

    /// From here on tasks start although more will be planned.
    public func openPlan() { tell([.planOpened]) }

    /// A task that was planned, and waits for others, is not fit to run.
    public func refuse(_ task: TaskIndex) { tell([.refused(task)]) }

    /// Ends planning. - Returns: a cycle, or nothing. Tasks that are part of one have not run.
    public func planned(roots: [TaskIndex], until: Set<FamilyIndex>) -> [TaskIndex] {
        FailPoint.planEnd.pass()
        return tell([.planEnded(roots: roots, until: until)])
    }

    /// Nothing new is started any more.
    public var isHalted: Bool { engine.halted != nil }

    // MARK: running

    /// Where records go; nothing is written before the first report, but the file that makes this run known to others.
    /// - Parameter previous: an earlier slice of the same job, in the same state directory: its segment is gone on with, unless
    ///   `head` asks for reports that are later than its.
    /// - Throws: when that file cannot be written; then nothing may be run.
    public func openRecords(state: String, logs: String, head: JSON, after previous: Driver? = nil) throws(Diagnostic) {
        try claims?.join(now: now)
        executions.logs.directory = logs
        let journal = previous?.records.takeClosed(after: head["after"]?.integer)
        records.open(state: state, head: head, journal ?? Journal(adapters.reports(state, head), clock: adapters.clock)) {
            [adapters] in adapters.reportIndex(state)
        }
        try slice?.begin(behind: records.end, adapters.segments(state))
        var joined: [Event] = [
            .workerJoined(Driver.children, lane: .child, capacity: engine.settings.slots, ahead: false),
            .workerJoined(Driver.batch, lane: .batch, capacity: Driver.jobsAtOnce, ahead: false),
        ]
        if here {
            joined.append(.workerJoined(Driver.here, lane: .worker, capacity: 1, ahead: true, replaceable: false))
        }
        tell(joined)
    }

    /// - Parameter alone: it is for one task that has a process of its own.
    public func addWorker(_ id: WorkerID, socket: Descriptor, pid: Int32, knows: Int, alone: Bool = false) {
        crew.workers.add(id, socket: socket, pid: pid, knows: knows, logBegin: executions.logs.begin)
        // where tasks run in the driver, its workers are for those that must not
        let lane = alone ? Lane.fork : here ? .apart : .worker
        tell([.workerJoined(id, lane: lane, capacity: 1, ahead: !alone)])
    }

    public func addZygote(socket: Descriptor, knows: Int) { crew.workers.addZygote(socket: socket, knows: knows) }

    /// Starts a task as a program of its own. What goes wrong is the task's failure.
    public func startChild(_ task: TaskIndex, _ request: ProgramRequest) {
        orFail(task) { () throws(Diagnostic) in try crew.start(task, request, engine.equipment(of: task)) }
    }

    /// What the calling process may use while it runs a task, as JSON.
    public func outfit(of task: TaskIndex) -> String {
        String(decoding: crew.outfitter.json(for: engine.equipment(of: task)), as: UTF8.self)
    }

    /// Child programs that will probably start next and are not prepared yet.
    public func upcomingChildren(most: Int) -> [TaskIndex] {
        engine.upcoming(in: .child, most: most).filter { !commands.isPrepared($0) }
    }

    /// Starts tasks that are commands, or keeps them for their turn. What goes wrong is the task's failure.
    public func startCommands(_ requests: [CommandRequest]) {
        for request in requests {
            if request.isAhead { commands.keep(request) } else { start(request) }
        }
    }

    private func start(_ request: CommandRequest) {
        orFail(request.task) { () throws(Diagnostic) in
            try crew.start(request, engine.equipment(of: request.task), logs: executions.logs.directory)
        }
    }

    /// How a command ended that was to be heard: `{"kind":number,"text":…,"wall":seconds}`.
    public func commandEnd(of task: TaskIndex) -> String { commands.end(of: task) }

    /// Joins the batch system in which jobs are to run; once, before the first.
    /// - Throws: when there is no such system, or it cannot be used.
    public func joinBatch(_ settings: JobSettings) throws(Diagnostic) {
        let system = try adapters.batchSystem(settings.system, records.state, engine.settings.slots)
        if settings.pilots != nil && !system.habits.sharesFolders {
            system.close()
            throw Diagnostic(.pilotsApart, subject: settings.system)
        }
        let ledger = adapters.ledger(records.state, records.head)
        crew.join(
            RemoteJobs(
                system: system, settings: settings, ledger: ledger, clock: adapters.clock,
                segments: adapters.segments(records.state), newTag: adapters.newTag,
                ownMoment: { [unowned self] in records.moment }))
    }

    /// Hands a task to the batch system.
    /// - Throws: `JSONError`, `ProgramRequest.MissingMember`.
    public func startJob(_ task: TaskIndex, json: String) throws {
        let tasks = runAsOne([task])
        if !engine.isWanted(task) {  // since it was handed over
            if engine.halted?.code == .interrupted { leftJobs.unsubmitted += tasks.count }
            return giveBack([task])
        }
        var request = try JobRequest(json: json)
        request.tell(records.origin(of: task, engine))
        request.failed = engine.leases(on: tasks).map { $0.attempt - 1 }
        request.retry = engine.terms(of: task).retry
        crew.startJob(task, request, wasElsewhere: tasks.contains { claims?.hadOthers($0) ?? false })
    }

    /// Cancels all jobs of this run; then it goes on until their ends have arrived.
    public func cancelJobs() { crew.cancelJobs() }

    private func orFail(_ task: TaskIndex, _ start: () throws(Diagnostic) -> Void) {
        do throws(Diagnostic) { try start() } catch { couldNotStart(task, Driver.words(error)) }
    }

    /// Tasks that the calling process was to run, and has not begun: their leases come back.
    public func giveBack(_ tasks: [TaskIndex]) {
        for task in tasks { executions.giveBack(task) }
        tell(tasks.map { .returned($0) })
    }

    /// Takes in outcomes of tasks that ran in the calling process, decides, and waits until the caller is needed or
    /// the time is over. Returns early when a signal arrives.
    public func advance(_ frames: [OutcomeFrame], milliseconds: Int) -> [Request] {
        let deadline = now + UInt64(max(0, milliseconds)) * 1_000_000
        take(frames.map { EndedExecution(frame: $0, worker: executions.loser(of: $0.task) ?? Driver.here) })
        look(milliseconds: 0)
        while pending.isEmpty {
            let left = pause(until: deadline)
            if left == 0 { break }
            if look(milliseconds: min(left, pace)) { break }
        }
        defer { pending = [] }
        settleRecords()
        return pending
    }

    /// Milliseconds after which something must be looked at though no descriptor became ready.
    private var pace: Int {
        guard let due = [timers.next, executions.nextDeadline, claims?.due].compactMap(\.self).min() else { return crew.pace }
        return min(crew.pace, pause(until: due))
    }

    /// Milliseconds, rounded up; 0 for what is past. The clock is read once: between two readings what was due later can be past.
    private func pause(until due: UInt64) -> Int {
        let now = self.now
        return due > now ? Int((due - now + 999_999) / 1_000_000) : 0
    }

    /// One look at the world. - Returns: true when the wait was cut short by a signal.
    @discardableResult
    private func look(milliseconds: Int) -> Bool {
        if milliseconds == 0 && crew.isEmpty && timers.next == nil && claims?.due == nil { return false }
        let arrivals = crew.look(milliseconds: milliseconds)
        for note in arrivals.notes { endings.note(nil, note) }
        take(arrivals.fromWorkers)
        take(arrivals.programs)
        take(arrivals.adoption)
        take(arrivals.jobs)
        if let storm = arrivals.storm { tell([.jobsFailAlike(last: storm.last)]) }
        if !arrivals.returned.isEmpty { giveBack(arrivals.returned) }
        for (task, why) in arrivals.refused { couldNotStart(task, Driver.words(why)) }
        endWhatIsOverdue()
        turnClaims()
        let due = timers.take(dueBy: now)
        if !due.isEmpty { tell(due.map { .woken($0) }) }
        return arrivals.isCutShort
    }

    // MARK: what the engine wants

    /// - Returns: a cycle that was found at the end of the plan.
    @discardableResult
    func tell(_ events: [Event]) -> [TaskIndex] {
        var cycle: [TaskIndex] = []
        var outbox = Outbox()
        var recalled: [TaskIndex] = []
        let actions = engine.handle(events)
        let started = actions.compactMap(\.taskToRun)
        var orders = engine.orders(for: started)[...]
        // followers as the orders have them: asked one by one the engine would be copied for each (`Engine.leases`)
        askForNames(of: engine.inputs(of: started + orders.flatMap(\.followers)))
        for action in actions {
            switch action {
            case .start(let task, let worker), .resume(let task, let worker):
                guard let order = orders.popFirst() else { continue }
                let verb = if case .resume = action { WorkerMessage.Verb.resume } else { WorkerMessage.Verb.run }
                begin(task, worker, order)
                switch worker {
                case Driver.here:
                    equipHere(for: task, order)
                    pending.append(verb == .run ? .runHere(task) : .resumeHere(task))
                // a program that asked has ended: it starts anew, and finds what it asked for
                case Driver.children: startChild(task)
                case Driver.batch: pending.append(.startJob(task))
                default: post(verb, task, order, at: worker, &outbox)
                }
            case .forget(let task, let worker):
                if worker == Driver.here {
                    pending.append(.forgetHere(task))
                } else {
                    outbox.forget(task, at: worker)
                }
            case .wake(let task, let seconds): timers.add(task, due: now + UInt64(min(max(seconds, 0), 1e9) * 1e9))
            case .wantWorkers(let n, let lane): want(n, lane)
            case .retire(let worker): crew.workers.retire(worker)
            case .recall(let tasks): recalled += tasks
            case .interruptRunning: crew.interrupt()
            case .claim(let tasks, let startingNow): want(tasks, startingNow)
            case .release(let tasks): endClaims(tasks)
            // of one that a running task asked for: it has failed with that reason
            case .cycle(let path): if cycle.isEmpty { cycle = path }
            case .runEnded: pending.append(.ended)
            }
        }
        // what else a worker holds it has ahead of time
        slice?.begun(engine.running.flatMap { $0.worker == Driver.children ? $0.tasks[...] : $0.tasks.prefix(1) })
        outbox.send(to: &crew.workers)
        let unsubmitted = recalled.isEmpty ? [] : crew.recall(recalled)
        if !unsubmitted.isEmpty { giveBack(unsubmitted) }
        return cycle
    }

    private func startChild(_ task: TaskIndex) {
        guard let request = commands.takePrepared(task) else { return pending.append(.startChild(task)) }
        start(request)
    }

    private func begin(_ task: TaskIndex, _ worker: WorkerID, _ order: Order) {
        // a job's time runs from its start in the batch system: it looks after itself
        let isWatched = worker != Driver.batch && worker != Driver.here
        executions.begin(task, limit: isWatched ? order.timeLimit : nil, now: now)
    }

    private func want(_ count: Int, _ lane: Lane) {
        if lane == .fork {
            pending.append(.wantProcesses(count))
        } else if !here || lane == .apart {
            pending.append(.wantWorkers(count))
        }
    }

    /// What takes longer than it may is asked to end, and killed when it has not in five seconds.
    private func endWhatIsOverdue() {
        for due in executions.takeOverdue(now: now) {
            switch due {
            case .limit(let task): end(task, with: SIGTERM)
            case .grace(let task): end(task, with: SIGKILL)
            }
        }
    }

    private func end(_ task: TaskIndex, with signal: Int32) {
        if let worker = engine.holder(of: task) { crew.signal(task, at: worker, signal) }
    }

    private func equipHere(for task: TaskIndex, _ order: Order) {
        if order.equipment != equipped { pending.append(.equipHere(task)) }
        equipped = order.equipment
    }

    /// Tells a worker to run a task or to go on with it, and before that what it may use, where that is new to it.
    private func post(
        _ verb: WorkerMessage.Verb, _ task: TaskIndex, _ order: Order, at worker: WorkerID, _ outbox: inout Outbox
    ) {
        let outfit = crew.workers.equips(worker, with: order.equipment) ? crew.outfitter.json(for: order.equipment) : nil
        if order.wantsOwnLog { executions.logs.giveOwn(task) }
        outbox.perform(verb, task, order, at: worker, outfit: outfit, log: executions.logs.own(task))
    }

    /// 1: no new starts. 2: what runs is interrupted, and killed when it has not ended in five seconds; jobs are left in
    /// the batch system.
    public func interrupt(level: Int) {
        if level >= 2 { noteWhatWaits() }
        tell([.interrupted(level < 2 ? .gently : .firmly)])
        withholdUnsubmitted()
        if level >= 2 { leaveJobs() }
    }

    var now: UInt64 { adapters.clock.monotonic() }

    /// A cause in one line, an empty line, the way out.
    static func words(_ diagnostic: Diagnostic) -> String {
        let (line, hint) = Wording.text(diagnostic)
        return "\(line)\n\nhint: \(hint)"
    }

    private func settleRecords() {
        if let diagnostic = records.settleWhenDue() { endings.note(nil, Wording.text(diagnostic).line) }
    }

    /// Who holds the lease on a task that this run waits for, in words.
    public func otherHolder(of task: TaskIndex) -> String? { claims?.held[task]?.words }

    /// Records what is to be known of the run beside its executions: members of JSON objects, one a line.
    public func note(records: [[UInt8]]) {
        if let trouble = self.records.note(records) { endings.note(nil, Wording.text(trouble).line) }
    }

    /// Ends what runs, hangs up on the workers, forces records to disk. Safe to call twice.
    public func close() {
        let processesLeft = crew.close(engine)
        if let diagnostic = records.close(keepsOpen: slice != nil) { endings.note(nil, Wording.text(diagnostic).line) }
        claims?.end(processesLeft: processesLeft)
    }
}
