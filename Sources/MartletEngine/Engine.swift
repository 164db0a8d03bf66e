import MartletModel

/// Every decision of a run, in a value: events go in, actions come out.
///
/// Knows no clock, disk, process, network or Python. The same events give the same actions. Not safe for use from
/// several threads at once; copies are independent.
public struct Engine {
    public internal(set) var settings: Settings
    var graph = Graph()
    var terms: TermsTable
    var devices: DeviceTable
    /// Devices of the tasks that run with some.
    var granted: [TaskIndex: DeviceTable.Choice] = [:]
    var leases = Leases()
    var claims = Claims()
    var ready = ReadyQueue()
    var durations = Durations()

    public private(set) var states: [TaskState] = []
    private var reasons: [Reason.Code] = []
    private var subjects: [UInt32] = []
    /// Dependencies that are not complete yet, for waiting and suspended tasks.
    var open: [UInt32] = []
    /// Executions so far, of tasks that were tried more than once.
    var attempts: [TaskIndex: Int] = [:]
    /// Of tasks that wait for a further try and hold no run: why they failed.
    var untried: [TaskIndex: Reason] = [:]
    /// How tasks failed last that are, or were, tried again.
    var failures: [TaskIndex: Reason.Code] = [:]
    /// Where suspended tasks are kept half done; a task whose worker is gone starts anew.
    var homes: [TaskIndex: WorkerID] = [:]
    /// Suspended tasks that have what they asked for, by worker: they go on there and nowhere else.
    var resumable: [WorkerID: [TaskIndex]] = [:]
    /// Suspended tasks that will not go on: what is kept of them can go.
    var dropped: [TaskIndex] = []
    /// How many tasks of each family are in each state: `counts[family][state]`.
    public private(set) var counts: [[Int]] = []
    private var totals = [Int](repeating: 0, count: TaskState.allCases.count)

    /// What the reports say of tasks, where that was asked.
    var standings: [TaskIndex: Standing] = [:]
    /// Which changes make tasks of a family run again.
    var rerunsOn: [FamilyIndex: Change] = [:]
    /// How many tasks each task needed as planned, where it has asked for more since.
    var neededAsPlanned: [TaskIndex: Int] = [:]
    var phase = Phase.planning
    var batches = Batches()
    var breaker = Breaker()
    /// What workflows put up with.
    var allowances: [TaskIndex: Allowance] = [:]
    /// Why nothing new is started any more; nil while all goes on.
    public internal(set) var halted: Reason?
    /// Why no more jobs are started in a batch system; nil while they are.
    var jobsHalted: Reason?
    /// Something that was handed over may not be wanted any more.
    var mayRecall = false
    /// What nobody has taken of each counted resource that has a limit, or that a task named.
    public var left: [String: Double] { terms.left }
    /// Tasks in the ready queue have become more urgent.
    var hasNewUrgency = false
    /// Workers asked for and not joined yet.
    var awaited: [Lane: Int] = [:]

    enum Phase { case planning, running, ended }

    public init(_ settings: Settings) {
        self.settings = settings
        devices = DeviceTable(settings.devices)
        terms = TermsTable(limits: settings.limits, devices: devices)
    }

    /// The number under which tasks name these terms; 0 is a worker and nothing else.
    public mutating func number(of terms: Terms) -> Int { self.terms.number(of: terms) }

    /// Takes events in, in order, then decides once.
    public mutating func handle(_ events: [Event]) -> [Action] {
        var actions: [Action] = []
        for event in events { take(event, &actions) }
        if phase == .running { endUntried() }
        for task in dropped { forget(task, &actions) }
        dropped = []
        if hasNewUrgency { reorderReady() }
        guard phase == .running || (phase == .planning && settings.streams) else { return actions }
        if halted != nil { withholdTheRest(&actions) }
        if mayRecall { recall(&actions) }
        // before anything is asked for anew
        tellEnded(&actions)
        if halted == nil {
            claimMore(&actions)
            dispatch(&actions)
            claimMore(&actions)
        }
        let unfinished = tasks(in: .ready) + tasks(in: .delayed) + tasks(in: .elsewhere)
        if phase == .running && leases.count == 0 && unfinished == 0 {
            phase = .ended
            actions.append(.runEnded)
        }
        return actions
    }

    private mutating func take(_ event: Event, _ actions: inout [Action]) {
        switch event {
        case .reported(let found): standings.merge(found) { $1 }
        case .rerunsOn(let changes, let family): rerunsOn[family] = changes
        case .allows(let task, let lacking, let failing): allowances[task] = Allowance(lacking: lacking, failing: failing)
        case .planned(let tasks): planned(tasks)
        case .planOpened: openPlan()
        case .refused(let task): refuse(task)
        case .planEnded(let roots, let until):
            precondition(phase == .planning, "a plan ends once")
            endPlan(roots: roots, until: until, &actions)
        case .workerJoined(let id, let lane, let capacity, let ahead, let replaceable):
            leases.join(id, lane: lane, capacity: capacity, ahead: ahead, replaceable: replaceable)
            if let coming = awaited[lane] { awaited[lane] = max(0, coming - 1) }
        case .workerLeft(let id): workerLeft(id)
        case .outdated(let id): leases.isToLeave(id)
        case .ended(let task, let outcome): end(task, outcome, &actions)
        case .returned(let task): takeBack(task)
        case .parted(let tasks, let leader): part(tasks, from: leader)
        case .triedBefore(let task, let failed): attempts[task] = max(attempts[task] ?? 0, failed)
        case .suspended(let task, let needs): suspend(task, needs, &actions)
        case .woken(let task):
            if states[task.position] == .delayed {
                untried[task] = nil
                makeReady(task.position)
            }
        case .claimed(let tasks): claimed(tasks)
        case .heldElsewhere(let tasks): heldElsewhere(tasks)
        case .letGo(let tasks): letGo(tasks)
        case .madeElsewhere(let tasks): madeElsewhere(tasks)
        case .unreachable(let tasks): unreachable(tasks)
        case .jobsFailAlike(let last): stopJobs(after: last)
        case .interrupted(let how): interrupt(how, &actions)
        }
    }

    private mutating func interrupt(_ how: Interruption, _ actions: inout [Action]) {
        if how == .unrecordable {
            halted = halted ?? Reason(.unrecordable)
            mayRecall = true
        } else if halted?.code != .interrupted {
            halted = Reason(.interrupted)
        }
        if how == .firmly && leases.count > 0 { actions.append(.interruptRunning) }
    }

    // MARK: planning

    private mutating func planned(_ tasks: [PlannedTask]) {
        precondition(phase != .ended, "tasks are planned before the run ends")
        for task in tasks { graph.add(task) }
        guard phase == .running || settings.streams else { return }
        layOut()
        if graph.hasPriorities { handOnPriorities(among: tasks) }
        guard isJudging else {
            for task in tasks { place(task.index.position) }
            return
        }
        var again = [Reason?](repeating: nil, count: graph.count)
        judge(graph.dependenciesFirst(among: tasks.map(\.index.position)), &again)
        for task in tasks { place(task.index.position, again: again[task.index.position]) }
    }

    // MARK: columns

    /// Makes the columns as long as the graph.
    mutating func layOut() {
        let old = states.count, new = graph.count
        guard new > old else { return }
        states.append(contentsOf: repeatElement(.unseen, count: new - old))
        reasons.append(contentsOf: repeatElement(.none, count: new - old))
        subjects.append(contentsOf: repeatElement(Graph.none, count: new - old))
        open.append(contentsOf: repeatElement(0, count: new - old))
        if settings.claims != nil { claims.layOut(new) }
    }

    /// Counts a task that was just planned.
    mutating func count(_ i: Int) {
        let family = Int(graph.family[i])
        while counts.count <= family { counts.append([Int](repeating: 0, count: TaskState.allCases.count)) }
        counts[family][Int(TaskState.unseen.rawValue)] += 1
        totals[Int(TaskState.unseen.rawValue)] += 1
    }

    mutating func move(_ i: Int, to state: TaskState, _ reason: Reason) {
        assert(states[i].legalMoves.contains(state), "task \(i) must not go from \(states[i]) to \(state)")
        let family = Int(graph.family[i]), old = Int(states[i].rawValue), new = Int(state.rawValue)
        counts[family][old] -= 1
        counts[family][new] += 1
        totals[old] -= 1
        totals[new] += 1
        states[i] = state
        setReason(i, reason)
        if state.hasEnded && settings.claims != nil { giveBack(i) }
    }

    mutating func setReason(_ i: Int, _ reason: Reason) {
        reasons[i] = reason.code
        subjects[i] = reason.subject?.raw ?? Graph.none
    }

    public func tasks(in state: TaskState) -> Int { totals[Int(state.rawValue)] }

    /// Why the task would run, ran, waits or ended.
    public func reason(of task: TaskIndex) -> Reason {
        let i = task.position
        guard i < reasons.count else { return Reason(.none) }
        return Reason(reasons[i], subjects[i] == Graph.none ? nil : TaskIndex(subjects[i]))
    }

    /// Whether the task has failed and waits for a try that may never come.
    public func mayStayUntried(_ task: TaskIndex) -> Bool { untried[task] != nil }

    public var taskCount: Int { graph.count }
    /// 1 for a task's first execution.
    public func attempt(of task: TaskIndex) -> Int { (attempts[task] ?? 0) + 1 }
    /// What there is to know of leases that end, for many at once: asked one by one, each question of whoever keeps the
    /// engine in a property costs a copy of its columns' references.
    public func leases(on tasks: [TaskIndex]) -> [Lease] {
        tasks.map { task in
            guard isRunning(task) else {
                return Lease(
                    isHeld: false, reason: Reason(.none), attempt: 0, followers: [], family: FamilyIndex(UInt32(0)), inputs: [])
            }
            return Lease(
                isHeld: true, reason: reason(of: task), attempt: attempt(of: task), followers: followers(of: task),
                family: FamilyIndex(graph.family[task.position]), inputs: plannedDependencies(of: task))
        }
    }

    /// What a task needs to start, and how its failures are treated.
    public func terms(of task: TaskIndex) -> Terms { terms[Int(graph.terms[task.position])] }
    /// Tasks that will probably start next in this lane: worth preparing. None is promised.
    public func upcoming(in lane: Lane, most: Int) -> [TaskIndex] {
        ready.some(most, where: { terms[$0].lane == lane }).map { TaskIndex($0) }
    }
    /// Seconds that an execution of the task may take.
    public func timeLimit(of task: TaskIndex) -> Double? { terms.timeLimit(Int(graph.terms[task.position])) }
    /// Whether what a task prints is worth a file of its own: its class says so, or its family has been seen to take long.
    public func wantsOwnLog(_ task: TaskIndex) -> Bool {
        let expected = durations.expected(family: graph.family[task.position])
        return terms.ownLog(Int(graph.terms[task.position])) || (expected.isFinite && expected >= Settings.longTask)
    }
    /// What tasks need as planned, for many at once.
    public func inputs(of tasks: [TaskIndex]) -> [TaskIndex] { tasks.flatMap { plannedDependencies(of: $0) } }
    /// What whoever starts tasks, or goes on with them, must know of them: for many at once, as `leases(on:)`.
    public func orders(for tasks: [TaskIndex]) -> [Order] {
        tasks.map {
            Order(
                timeLimit: timeLimit(of: $0), equipment: equipment(of: $0), wantsOwnLog: wantsOwnLog($0),
                followers: followers(of: $0))
        }
    }
    /// Tasks that run now, by worker, oldest lease first.
    public var running: [(worker: WorkerID, tasks: [TaskIndex])] {
        leases.holders.map { (worker: $0.id, tasks: $0.tasks) }
    }
    public func isRunning(_ task: TaskIndex) -> Bool {
        task.position < states.count && states[task.position] == .running
    }
    /// Who holds the lease on a task.
    public func holder(of task: TaskIndex) -> WorkerID? {
        leases.holders.first { $0.tasks.contains(task) }?.id
    }
    public var hasEnded: Bool { phase == .ended }
}
