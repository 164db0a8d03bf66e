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
    public enum Request: Equatable, Sendable {
        case runHere(TaskIndex)
        case wantWorkers(Int)
        /// Processes are wanted for tasks that have one of their own.
        case wantProcesses(Int)
        case startChild(TaskIndex)
        case startJob(TaskIndex)
        /// The process that ran the task is gone: its report must be described by the caller, as an outcome frame.
        case lost(TaskIndex)
        /// The same, since it took longer than its time limit.
        case timedOut(TaskIndex)
        /// The calling process is to be set up as `outfit(of:)` says before it runs the task.
        case equipHere(TaskIndex)
        /// Goes on with a task that is suspended in the calling process.
        case resumeHere(TaskIndex)
        /// Drops a task that is suspended in the calling process.
        case forgetHere(TaskIndex)
        /// A command has ended whose end was to be heard: `commandEnd(of:)` says how, an outcome frame is the answer.
        case commandEnded(TaskIndex)
        /// A running task asks for others (`asked(by:)`): they are to be planned, then `suspend` called.
        case asked(TaskIndex)
        /// Tasks are to be claimed: their ids are asked for (`toClaim`), `claim` must follow.
        case claim(Int)
        /// Tasks are to be looked at again (`toLookAt`), `looked` must follow.
        case lookAgain(Int)
        case ended
    }

    /// The driver's own workers.
    static let here = WorkerID(0)
    static let children = WorkerID(UInt32.max)
    static let batch = WorkerID(UInt32.max - 1)
    /// Jobs that may be in a batch system at the same time.
    static let jobsAtOnce = 10_000
    /// After a second interrupt, how long what runs may take to end, in nanoseconds.
    static let grace: UInt64 = 5_000_000_000

    public private(set) var engine: Engine
    public let adapters: Adapters
    private let here: Bool
    private let outfitter: Outfitter
    private var taskLogs: TaskLogs
    /// How the calling process is set up.
    private var equipped = Equipment.untouched
    private var pool = WorkerPool()
    private var programs: ChildPrograms
    private var remote: RemoteJobs?
    private var journal: Journal?
    private var state = ""
    private var head = JSON.null
    private var pending: [Request] = []
    private var killAt: UInt64?
    private var timers = Timers()
    private var deadlines = Deadlines()
    /// Tasks whose process is gone and whose report is awaited.
    private var lost: [TaskIndex: Loss] = [:]
    /// Commands that have ended, until the Python side has heard of it.
    private var unheard: [TaskIndex: Ended] = [:]
    /// Commands whose turn has not come.
    private var prepared: [TaskIndex: CommandRequest] = [:]
    private var questions: [TaskIndex: String] = [:]
    private var startedAt: [TaskIndex: UInt64] = [:]
    private var endings = EndingTexts()
    private var claims: TaskClaims?

    private struct Loss {
        var kind = Outcome.Kind.workerLost
        /// In words; nil where the caller words it.
        var cause: String?
        var worker: WorkerID
        var log: Execution.LogSpan? = nil
    }

    public init(_ options: DriverOptions, _ adapters: Adapters) {
        claims = options.leases.flatMap(adapters.leases).map { TaskClaims($0, here: options.here) }
        claims?.observe()
        var settings = options.settings
        settings.claims = claims?.settings
        engine = Engine(settings)
        self.adapters = adapters
        here = options.here
        taskLogs = TaskLogs(here: options.logHere, isFollowed: options.followsLogs)
        outfitter = Outfitter(devices: options.devices)
        programs = ChildPrograms(most: options.settings.slots, clock: adapters.clock)
    }

    // MARK: planning

    /// The number under which tasks name these terms.
    public func number(of terms: Terms) -> Int { engine.number(of: terms) }

    public func plan(_ tasks: [PlannedTask]) {
        FailPoint.planChunk.pass()
        tell([.planned(tasks)])
    }

    /// What tasks are that were planned after workers were forked.
    public func teach(_ lesson: [UInt8]) { pool.teach(lesson) }

    /// Workers that are there finish what they hold, and others take their places.
    public func renewWorkers() { tell(pool.all.map { .outdated($0) }) }

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
    /// - Throws: when that cannot be written; then nothing may be run.
    public func openRecords(state: String, logs: String, head: JSON) throws(Diagnostic) {
        try claims?.join(now: now)
        self.state = state
        taskLogs.directory = logs
        self.head = head
        journal = Journal(adapters.reports(state, head), clock: adapters.clock)
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
        pool.add(id, socket: socket, pid: pid, knows: knows)
        // where tasks run in the driver, its workers are for those that must not
        let lane = alone ? Lane.fork : here ? .apart : .worker
        tell([.workerJoined(id, lane: lane, capacity: 1, ahead: !alone)])
    }

    public func addZygote(socket: Descriptor, knows: Int) { pool.addZygote(socket: socket, knows: knows) }

    /// Starts a task as a program of its own. What goes wrong is the task's failure.
    public func startChild(_ task: TaskIndex, _ request: ProgramRequest) {
        do throws(Diagnostic) {
            var command = request.command
            if !request.sandbox.isEmpty { command = try adapters.sandbox(request.sandbox).wrap(command) }
            let variables = outfitter.variables(for: engine.equipment(of: task))
            try programs.start(task, request, command: command, variables: variables)
        } catch {
            couldNotStart(task, Driver.words(error))
        }
    }

    /// What the calling process may use while it runs a task, as JSON.
    public func outfit(of task: TaskIndex) -> String {
        String(decoding: outfitter.json(for: engine.equipment(of: task)), as: UTF8.self)
    }

    /// Child programs that will probably start next and are not prepared yet.
    public func upcomingChildren(most: Int) -> [TaskIndex] {
        engine.upcoming(in: .child, most: most).filter { prepared[$0] == nil }
    }

    /// Starts tasks that are commands, or keeps them for their turn. What goes wrong is the task's failure.
    public func startCommands(_ requests: [CommandRequest]) {
        for request in requests {
            if request.isAhead {
                prepared[request.task] = request
                continue
            }
            do throws(Diagnostic) {
                var command = request.command
                if !request.sandbox.isEmpty { command = try adapters.sandbox(request.sandbox).wrap(command) }
                let variables = outfitter.variables(for: engine.equipment(of: request.task))
                try programs.start(request, command: command, variables: variables, logs: taskLogs.directory)
            } catch {
                couldNotStart(request.task, Driver.words(error))
            }
        }
    }

    /// How a command ended that was to be heard: `{"kind":number,"text":…,"wall":seconds}`.
    public func commandEnd(of task: TaskIndex) -> String {
        guard let frame = unheard[task]?.frame else { return "{}" }
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("kind")
        writer.integer(frame.kind.rawValue)
        writer.name("text")
        writer.string(frame.text)
        writer.name("wall")
        writer.number(frame.wall)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    public func startJob(_ task: TaskIndex, _ request: ProgramRequest) {
        if remote == nil {
            do throws(Diagnostic) {
                let system = try adapters.batchSystem(request.system, state, engine.settings.slots)
                remote = RemoteJobs(system: system, name: request.system, ledger: adapters.ledger(state, head))
            } catch {
                return couldNotStart(task, Driver.words(error))
            }
        }
        remote?.start(task, request, wasElsewhere: claims?.hadOthers(task) ?? false)
    }

    /// Tasks that the calling process was to run, and has not begun: their leases come back.
    public func giveBack(_ tasks: [TaskIndex]) {
        for task in tasks { startedAt[task] = nil }
        tell(tasks.map { .returned($0) })
    }

    /// Takes in outcomes of tasks that ran in the calling process, decides, and waits until the caller is needed or
    /// the time is over. Returns early when a signal arrives.
    public func advance(_ frames: [OutcomeFrame], milliseconds: Int) -> [Request] {
        let deadline = now + UInt64(max(0, milliseconds)) * 1_000_000
        take(frames.map { Ended(frame: $0, worker: lost[$0.task]?.worker ?? Driver.here) })
        look(milliseconds: 0)
        while pending.isEmpty {
            let left = deadline > now ? Int((deadline - now + 999_999) / 1_000_000) : 0
            if left == 0 { break }
            if look(milliseconds: min(left, pace)) { break }
        }
        defer { pending = [] }
        settleRecords()
        return pending
    }

    /// Milliseconds after which something must be looked at though no descriptor became ready.
    private var pace: Int {
        if let due = [timers.next, deadlines.next, claims?.due].compactMap(\.self).min() { return min(usualPace, due > now ? Int((due - now) / 1_000_000) + 1 : 0) }
        return usualPace
    }

    private var usualPace: Int {
        if pool.isWaitingForNotices { return 20 }
        if let remote, !remote.isEmpty { return 50 }
        return 250
    }

    /// One look at the world. - Returns: true when the wait was cut short by a signal.
    @discardableResult
    private func look(milliseconds: Int) -> Bool {
        if milliseconds == 0 && isAlone { return false }
        var poller = Poller()
        pool.register(with: &poller)
        programs.register(with: &poller)
        let before = now
        var events: [Poller.Event] = []
        do throws(SystemError) {
            events = try poller.wait(milliseconds: Int32(milliseconds))
        } catch {
            endings.note(nil, "waiting for workers failed: \(error.description)")
        }
        let cutShort = events.isEmpty && now - before + 1_000_000 < UInt64(milliseconds) * 1_000_000
        take(pool.read(events.filter { pool.knows($0) }, now: now))
        take(programs.collect())
        turnRemote()
        killWhenOverdue()
        endWhatIsOverdue()
        turnClaims()
        let due = timers.take(dueBy: now)
        if !due.isEmpty { tell(due.map { .woken($0) }) }
        return cutShort
    }

    /// Nothing outside the calling process can have anything to say.
    private var isAlone: Bool {
        pool.isEmpty && programs.isEmpty && remote == nil && timers.next == nil && killAt == nil
            && claims?.due == nil
    }

    private func turnRemote() {
        guard let remote else { return }
        do throws(Diagnostic) {
            for end in try remote.turn(now: now) { take(end.task, end.request, end.trouble, Driver.batch) }
        } catch {
            for task in remote.abandonWaiting() { couldNotStart(task, Driver.words(error)) }
        }
        for note in remote.takeNotes() { endings.note(nil, note) }
    }

    // MARK: what arrives

    /// An execution that ended, and who ran it.
    private struct Ended {
        var frame: OutcomeFrame
        var worker: WorkerID
        var log: Execution.LogSpan?
        var lease: Lease?
    }

    private func take(_ arrivals: [WorkerPool.Arrival]) {
        var ended: [Ended] = []
        for arrival in arrivals {
            switch arrival {
            case .outcome(let frame, let worker): ended.append(Ended(frame: frame, worker: worker))
            case .lost(let worker, let cause, let begin):
                take(ended)  // what it said before
                ended = []
                let head = engine.running.first { $0.worker == worker }?.tasks.first
                tell([.workerLeft(worker)])
                if let head {
                    lose(head, Loss(cause: cause, worker: worker, log: taskLogs.rest(of: head, worker, from: begin)))
                }
            }
        }
        take(ended)
    }

    /// A program or job ended: its result says how the task did, or it left none.
    private func take(_ task: TaskIndex, _ request: ProgramRequest, _ trouble: String?, _ worker: WorkerID) {
        let log = Execution.LogSpan(file: request.log, offset: 0, length: FileLength.of(request.log))
        if deadlines.isOver(task) { return lose(task, Loss(cause: trouble, worker: worker, log: log)) }
        do {
            FailPoint.jobsCollect.pass()
            var bytes = try File.read(request.result)
            guard var frame = try OutcomeFrame.readAll(&bytes).first else { throw OutcomeFrame.Malformed.tooShort }
            frame.task = task  // a job that an earlier run submitted knows the task by that run's number
            take([Ended(frame: frame, worker: worker, log: log)])
        } catch {
            let why = trouble ?? "its program left no result"
            lose(task, Loss(cause: "\(why); see \(request.log)", worker: worker, log: log))
        }
    }

    private func take(_ programs: [ChildPrograms.Ended]) {
        var ended: [Ended] = []
        for one in programs {
            switch one {
            case .program(let end): take(end.task, end.request, end.trouble, Driver.children)
            case .command(let frame, let log, let isHeard):
                let end = Ended(frame: frame, worker: Driver.children, log: log)
                if deadlines.isOver(frame.task) {
                    lose(frame.task, Loss(cause: nil, worker: Driver.children, log: log))
                } else if isHeard {
                    unheard[frame.task] = end
                    pending.append(.commandEnded(frame.task))
                } else {
                    ended.append(end)
                }
            }
        }
        take(ended)
    }

    private func lose(_ task: TaskIndex, _ loss: Loss) {
        lost[task] = loss
        guard deadlines.isOver(task) else { return pending.append(.lost(task)) }
        lost[task]!.kind = .timedOut
        lost[task]!.cause = nil
        pending.append(.timedOut(task))
    }

    private func couldNotStart(_ task: TaskIndex, _ why: String) {
        lose(task, Loss(kind: .couldNotStart, cause: why, worker: engine.holder(of: task) ?? Driver.children))
    }

    /// Records what ended, with one write, and only then lets others go on because of it.
    private func take(_ ended: [Ended]) {
        guard !ended.isEmpty else { return }
        var ended = held(ended)
        ended.removeAll { one in
            guard one.frame.asks else { return false }
            deadlines.pause(one.frame.task, now: now)
            questions[one.frame.task] = one.frame.text
            pending.append(.asked(one.frame.task))
            return true
        }
        guard !ended.isEmpty else { return }
        for i in ended.indices { complete(&ended[i]) }
        FailPoint.beforeReport.pass()
        let troubles = journal?.record(ended.map(line)) ?? ended.map { _ in nil }
        var events: [Event] = []
        events.reserveCapacity(ended.count)
        for (one, trouble) in zip(ended, troubles) {
            var frame = one.frame
            if let trouble {
                // what is not recorded did not happen: the task fails with that cause, and can run again
                frame.kind = .raised
                frame.text = Driver.words(trouble)
            }
            endings.took(frame, log: one.log?.file ?? "", with: one.lease?.followers ?? [])
            startedAt[frame.task] = nil
            taskLogs.ended(frame.task, one.log)
            deadlines.end(frame.task)
            events.append(.ended(frame.task, Outcome(frame.kind, wall: frame.wall, wornOut: frame.isWorn)))
        }
        if troubles.contains(where: { $0 != nil }) { events.append(.interrupted(.unrecordable)) }
        FailPoint.beforeRelease.pass()
        tell(events)
        FailPoint.afterRelease.pass()
    }

    /// Those of them that end a lease, each with what the engine knows of it.
    private func held(_ ended: [Ended]) -> [Ended] {
        var seen: Set<TaskIndex> = []
        return zip(ended, engine.leases(on: ended.map(\.frame.task))).compactMap { one, lease in
            guard lease.isHeld, seen.insert(one.frame.task).inserted else { return nil }
            var one = one
            one.lease = lease
            return one
        }
    }

    /// Adds what this side knows of an execution.
    private func complete(_ one: inout Ended) {
        if let end = unheard.removeValue(forKey: one.frame.task) {
            var frame = end.frame
            (frame.kind, frame.text) = (one.frame.kind, one.frame.text)
            one = Ended(frame: frame, worker: end.worker, log: end.log, lease: one.lease)
        }
        if one.log == nil { one.log = taskLogs.span(one.worker, one.frame) }
        if let loss = lost.removeValue(forKey: one.frame.task) {
            one.frame.kind = loss.kind
            one.frame.text = loss.cause ?? one.frame.text
            one.frame.wall = Double(now - (startedAt[one.frame.task] ?? now)) / 1e9
            one.frame.start -= Int64(one.frame.wall * 1e9)
            one.log = loss.log
        }
    }

    private func line(_ one: Ended) -> [UInt8] {
        let recorded = one.log.map { Execution.LogSpan(file: inState($0.file), offset: $0.offset, length: $0.length) }
        return journal?.line(
            one.frame, worker: one.worker, log: recorded, why: one.lease?.reason ?? Reason(.none),
            attempt: one.lease?.attempt ?? 1) ?? []
    }

    /// Files of the state directory are recorded relative to it: it may be moved, and lines stay short.
    private func inState(_ path: String) -> String {
        path.hasPrefix(state + "/") ? String(path.dropFirst(state.count + 1)) : path
    }

    // MARK: what the engine wants

    /// - Returns: a cycle that was found at the end of the plan.
    @discardableResult
    private func tell(_ events: [Event]) -> [TaskIndex] {
        var cycle: [TaskIndex] = []
        var messages: [WorkerID: [WorkerMessage]] = [:]
        let actions = engine.handle(events)
        var orders = engine.orders(for: actions.compactMap(\.taskToRun))[...]
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
                default: send(verb, task, order, to: worker, &messages)
                }
            case .forget(let task, let worker):
                if worker == Driver.here {
                    pending.append(.forgetHere(task))
                } else {
                    messages[worker, default: []].append(WorkerMessage(task: task, verb: .forget))
                }
            case .wake(let task, let seconds): timers.add(task, due: now + UInt64(seconds * 1e9))
            case .wantWorkers(let n, let lane): want(n, lane)
            case .retire(let worker): pool.retire(worker)
            case .interruptRunning: interruptRunning()
            case .claim(let tasks, let startingNow): want(tasks, startingNow)
            case .release(let tasks): endClaims(tasks)
            // of one that a running task asked for: it has failed with that reason
            case .cycle(let path): if cycle.isEmpty { cycle = path }
            case .runEnded: pending.append(.ended)
            }
        }
        for (worker, new) in messages { pool.send(new, to: worker) }
        return cycle
    }

    private func startChild(_ task: TaskIndex) {
        guard var request = prepared.removeValue(forKey: task) else { return pending.append(.startChild(task)) }
        request.isAhead = false
        startCommands([request])
    }

    private func begin(_ task: TaskIndex, _ worker: WorkerID, _ order: Order) {
        startedAt[task] = now
        // a job's time runs from its start in the batch system: it looks after itself
        guard let limit = order.timeLimit, worker != Driver.batch, worker != Driver.here else { return }
        deadlines.start(task, limit: limit, now: now)
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
        for due in deadlines.take(dueBy: now) {
            switch due {
            case .limit(let task): end(task, with: SIGTERM)
            case .grace(let task): end(task, with: SIGKILL)
            }
        }
    }

    private func end(_ task: TaskIndex, with signal: Int32) {
        guard let worker = engine.holder(of: task) else { return }
        if worker == Driver.children { programs.signal(task, signal) } else { pool.condemn(worker, signal) }
    }

    private func equipHere(for task: TaskIndex, _ order: Order) {
        if order.equipment != equipped { pending.append(.equipHere(task)) }
        equipped = order.equipment
    }

    /// Tells a worker to run a task or to go on with it, and before that what it may use, where that is new to it.
    private func send(
        _ verb: WorkerMessage.Verb, _ task: TaskIndex, _ order: Order, to worker: WorkerID,
        _ messages: inout [WorkerID: [WorkerMessage]]
    ) {
        if pool.equips(worker, with: order.equipment) {
            let outfit = WorkerMessage(task: task, verb: .equip, description: outfitter.json(for: order.equipment))
            messages[worker, default: []].append(outfit)
        }
        if order.wantsOwnLog { taskLogs.giveOwn(task) }
        if let path = taskLogs.own(task) {
            messages[worker, default: []].append(WorkerMessage(task: task, verb: .log, description: Array(path.utf8)))
        }
        let followers = verb == .run ? order.followers : []
        messages[worker, default: []].append(WorkerMessage(task: task, verb: verb, followers: followers))
    }

    /// 1: no new starts. 2: what runs is interrupted, and killed when it has not ended in five seconds.
    public func interrupt(level: Int) { tell([.interrupted(level < 2 ? .gently : .firmly)]) }

    private func interruptRunning() {
        pool.signalAll(SIGINT)
        programs.interrupt()
        killAt = now + Driver.grace
        for task in remote?.abandon() ?? [] {
            let cause = "left in the batch system; a later run goes on with it"
            lose(task, Loss(kind: .interrupted, cause: cause, worker: Driver.batch))
        }
    }

    // MARK: other runs

    /// The name of this run's claims file; empty where nothing is claimed.
    public var claimsFile: String { claims?.name ?? "" }

    /// Tasks whose ids `claim` needs.
    public var toClaim: [TaskIndex] { claims?.toClaim ?? [] }
    /// Tasks that `looked` is to be told of.
    public var toLookAt: [TaskIndex] { claims?.toLookAt ?? [] }

    /// - Parameter ids: of the tasks `toClaim`, in order.
    public func claim(_ ids: [TaskDigest]) { withClaims { (claims) throws(Diagnostic) in try claims.claim(ids, engine, now: now) } }

    /// - Parameter kinds: what the tasks `toLookAt` were found to be, in order.
    public func looked(_ kinds: [PlannedTask.Kind]) { withClaims { (claims) throws(Diagnostic) in claims.looked(kinds) } }

    private func want(_ tasks: [TaskIndex], _ startingNow: Int) {
        claims?.want(tasks, startingNow: startingNow)
        pending.append(.claim(tasks.count))
    }

    private func turnClaims() {
        guard let due = claims?.due, now >= due else { return }
        withClaims { (claims) throws(Diagnostic) in try claims.turn(engine, now: now) }
    }

    private func endClaims(_ tasks: [TaskIndex]) {
        withClaims { (claims) throws(Diagnostic) in
            try claims.release(tasks, engine)
            return []
        }
    }

    /// What cannot be claimed must not run: others would not know of it.
    private func withClaims(_ body: (inout TaskClaims) throws(Diagnostic) -> [Event]) {
        guard claims != nil else { return }
        do throws(Diagnostic) {
            let events = try body(&claims!)
            if !claims!.toLookAt.isEmpty { pending.append(.lookAgain(claims!.toLookAt.count)) }
            if !events.isEmpty { tell(events) }
        } catch {
            endings.note(nil, Wording.text(error).line)
            tell([.interrupted(.unrecordable)])
        }
    }

    private func killWhenOverdue() {
        guard let killAt, now >= killAt else { return }
        self.killAt = nil
        pool.signalAll(SIGKILL)
        programs.signalAll(SIGKILL)
    }

    private var now: UInt64 { adapters.clock.monotonic() }

    /// A cause in one line, an empty line, the way out.
    private static func words(_ diagnostic: Diagnostic) -> String {
        let (line, hint) = Wording.text(diagnostic)
        return "\(line)\n\nhint: \(hint)"
    }

    private func settleRecords() {
        if let diagnostic = journal?.settleWhenDue() { endings.note(nil, Wording.text(diagnostic).line) }
    }

    // MARK: telling

    /// `{"counts":[[tasks by state] by family],"running":[[task,worker,seconds,log],…],
    /// "failed":[[task,cause,log],…],"written":[[task,log,offset,length],…],"elsewhere":[[other run,tasks],…]}`: of what
    /// failed since this was asked before the first twenty; parts of logs that are complete since then, where logs are
    /// followed; for how many tasks of which other runs this one waits.
    public func snapshot() -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("counts")
        writer.beginArray()
        for row in engine.counts {
            writer.beginArray()
            for count in row { writer.integer(count) }
            writer.endArray()
        }
        writer.endArray()
        writer.name("running")
        writer.beginArray()
        let now = self.now
        for (worker, tasks) in engine.running {
            for task in worker == Driver.children || worker == Driver.batch ? tasks[...] : tasks.prefix(1) {
                writer.beginArray()
                writer.integer(task.raw)
                writer.integer(worker.raw)
                writer.number(Double(now - (startedAt[task] ?? now)) / 1e9)
                writer.string(worker >= Driver.batch ? programs.log(of: task) ?? "" : taskLogs.path(of: task, worker))
                writer.endArray()
            }
        }
        writer.endArray()
        writer.name("failed")
        endings.appendUntold(to: &writer, engine)
        writer.name("written")
        taskLogs.appendUntold(to: &writer)
        writer.name("elsewhere")
        writer.beginArray()
        for (holder, count) in claims?.waitsFor ?? [] {
            writer.beginArray()
            writer.string(holder.words)
            writer.integer(count)
            writer.endArray()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// `{"endings":[[task,state,reason,subject,text,log],…],"notes":[[task,text],…],"interrupted":bool}`: every task that
    /// did not simply succeed, in the order in which they ended. A note of the whole run has null for its task.
    public func summary() -> String { endings.json(engine, notes: claims?.notes ?? []) }

    /// Who holds the lease on a task that this run waits for, in words.
    public func otherHolder(of task: TaskIndex) -> String? { claims?.held[task]?.words }

    /// Records what is to be known of the run beside its executions: members of JSON objects, one a line.
    public func note(records: [[UInt8]]) {
        guard let journal else { return }
        if let trouble = journal.record(records).compactMap(\.self).first { endings.note(nil, Wording.text(trouble).line) }
    }

    /// Ends what runs, hangs up on the workers, forces records to disk. Safe to call twice.
    public func close() {
        let processesLeft = pool.isBusy(engine)
        if processesLeft { pool.signalAll(SIGKILL) }
        programs.end()
        pool.close()
        if let diagnostic = journal?.settle() { endings.note(nil, Wording.text(diagnostic).line) }
        journal = nil
        claims?.end(processesLeft: processesLeft)
    }
}
