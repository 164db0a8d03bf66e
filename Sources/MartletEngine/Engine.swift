import MartletModel

/// Every decision of a run, in a value: events go in, actions come out.
///
/// Knows no clock, disk, process, network or Python. The same events give the same actions. Not safe for use from
/// several threads at once; copies are independent.
public struct Engine {
    public private(set) var settings: Settings
    var graph = Graph()
    var requirements: Requirements
    var leases = Leases()
    var ready = ReadyQueue()
    var durations = Durations()

    public private(set) var states: [TaskState] = []
    private var reasons: [Reason.Code] = []
    private var subjects: [UInt32] = []
    /// Dependencies that are not complete yet, for waiting tasks.
    var open: [UInt32] = []
    /// How many tasks of each family are in each state: `counts[family][state]`.
    public private(set) var counts: [[Int]] = []

    var phase = Phase.planning
    /// Why nothing new is started any more; nil while all goes on.
    public private(set) var halted: Reason?
    /// Workers asked for and not joined yet.
    private var awaited = 0

    enum Phase { case planning, running, ended }

    public init(_ settings: Settings) {
        self.settings = settings
        requirements = Requirements(limits: settings.limits)
    }

    /// The number under which tasks name this requirement; 0 is a worker and nothing else.
    public mutating func requirement(lane: Lane, resources: Resources) -> Int {
        requirements.number(lane: lane, resources: resources)
    }

    /// Takes events in, in order, then decides once.
    public mutating func handle(_ events: [Event]) -> [Action] {
        var actions: [Action] = []
        for event in events { take(event, &actions) }
        if phase == .running {
            if halted != nil { withholdTheRest() } else { dispatch(&actions) }
            if leases.count == 0 && ready.count == 0 {
                phase = .ended
                actions.append(.runEnded)
            }
        }
        return actions
    }

    private mutating func take(_ event: Event, _ actions: inout [Action]) {
        switch event {
        case .planned(let tasks):
            precondition(phase == .planning, "tasks are planned before the plan ends")
            for task in tasks { graph.add(task) }
        case .planEnded(let roots, let until):
            precondition(phase == .planning, "a plan ends once")
            endPlan(roots: roots, until: until, &actions)
        case .workerJoined(let id, let lane, let capacity, let ahead):
            leases.join(id, lane: lane, capacity: capacity, ahead: ahead)
            if lane == .worker { awaited = max(0, awaited - 1) }
        case .workerLeft(let id):
            workerLeft(id)
        case .ended(let task, let outcome):
            end(task, outcome)
        case .interrupted(let how):
            if how == .unrecordable {
                halted = halted ?? Reason(.unrecordable)
            } else if halted?.code != .interrupted {
                halted = Reason(.interrupted)
            }
            if how == .firmly && leases.count > 0 { actions.append(.interruptRunning) }
        }
    }

    // MARK: the end of an execution

    private mutating func end(_ task: TaskIndex, _ outcome: Outcome) {
        guard leases.end(task, expected: durations.expected(family: graph.family[task.position])) else {
            return  // an answer of a worker that was given up in the meantime
        }
        requirements.give(Int(graph.requirement[task.position]))
        if outcome.kind == .done {
            durations.saw(outcome.wall, family: graph.family[task.position])
            move(task.position, to: .done, Reason(.succeeded))
            release(dependentsOf: task.position)
        } else {
            move(task.position, to: .failed, Reason(outcome.kind.reason))
            block(dependentsOf: task.position, root: task)
            if settings.failFast && halted == nil { halted = Reason(.failFast, task) }
        }
    }

    private mutating func workerLeft(_ id: WorkerID) {
        for task in leases.leave(id) {
            requirements.give(Int(graph.requirement[task.position]))
            move(task.position, to: .ready, reason(of: task))
            enqueue(task.position)
        }
    }

    private mutating func release(dependentsOf i: Int) {
        graph.forEachDependent(of: i) { d in
            guard states[d] == .waiting else { return }
            open[d] -= 1
            if open[d] == 0 { makeReady(d) }
        }
    }

    /// Everything that needs `i`, directly or through others, will not get its turn.
    mutating func block(dependentsOf i: Int, root: TaskIndex) {
        var reached = [i]
        while let next = reached.popLast() {
            graph.forEachDependent(of: next) { d in
                guard states[d] == .waiting else { return }
                move(d, to: .blocked, Reason(.blockedBy, root))
                reached.append(d)
            }
        }
    }

    mutating func makeReady(_ i: Int) {
        move(i, to: .ready, reason(of: TaskIndex(i)))
        enqueue(i)
    }

    private mutating func enqueue(_ i: Int) {
        ready.insert(
            .init(priority: graph.priority[i], order: graph.order[i], task: UInt32(i)),
            requirement: Int(graph.requirement[i]))
    }

    private mutating func withholdTheRest() {
        guard let halted, ready.count > 0 || counts.contains(where: { $0[Int(TaskState.waiting.rawValue)] > 0 }) else { return }
        _ = ready.removeAll()
        for i in states.indices where states[i] == .ready || states[i] == .waiting {
            move(i, to: .withheld, halted)
        }
    }

    // MARK: who gets what

    private mutating func dispatch(_ actions: inout [Action]) {
        var gave = true
        while gave && ready.count > 0 {
            gave = false
            for h in leases.holders.indices where ready.count > 0 {
                guard let task = nextTask(for: h) else { continue }
                actions.append(.start(task, on: leases.holders[h].id))
                gave = true
            }
        }
        wantWorkers(&actions)
    }

    /// Leases the best task that the holder can take now.
    private mutating func nextTask(for h: Int) -> TaskIndex? {
        let holder = leases.holders[h]
        if holder.isGone { return nil }
        let ahead = holder.tasks.count >= holder.capacity
        if ahead {
            // handing out ahead of time: only short tasks, never when a failure should stop the rest
            guard holder.ahead, !settings.failFast,
                holder.tasks.count < settings.aheadTasks, holder.expected < settings.aheadSeconds
            else { return nil }
        } else if holder.lane != .batch && (holder.lane == .child || holder.tasks.isEmpty) {
            guard leases.busySlots < settings.slots else { return nil }
        }
        guard
            let (entry, requirement) = ready.best(where: { r in
                requirements.all[r].lane == holder.lane && (ahead ? r == 0 : requirements.fits(r))
            })
        else { return nil }
        let expected = durations.expected(family: graph.family[Int(entry.task)])
        if ahead && holder.expected + expected > settings.aheadSeconds { return nil }
        ready.removeBest(of: requirement)
        requirements.take(requirement)
        let task = TaskIndex(entry.task)
        leases.give(task, to: h, expected: expected)
        move(task.position, to: .running, reason(of: task))
        return task
    }

    private mutating func wantWorkers(_ actions: inout [Action]) {
        let waiting = ready.count(where: { requirements.all[$0].lane == .worker && requirements.fits($0) })
        let wanted = min(waiting, settings.slots - leases.workers(in: .worker) - awaited)
        guard wanted > 0 else { return }
        awaited += wanted
        actions.append(.wantWorkers(wanted))
    }

    // MARK: columns

    /// Prepares the columns for a complete graph.
    mutating func layOut() {
        states = [TaskState](repeating: .unseen, count: graph.count)
        reasons = [Reason.Code](repeating: .none, count: graph.count)
        subjects = [UInt32](repeating: Graph.none, count: graph.count)
        open = [UInt32](repeating: 0, count: graph.count)
        let families = Int(graph.family.max() ?? 0) + 1
        counts = [[Int]](repeating: [Int](repeating: 0, count: TaskState.allCases.count), count: families)
        for i in 0..<graph.count { counts[Int(graph.family[i])][Int(TaskState.unseen.rawValue)] += 1 }
    }

    mutating func move(_ i: Int, to state: TaskState, _ reason: Reason) {
        assert(states[i].legalMoves.contains(state), "task \(i) must not go from \(states[i]) to \(state)")
        let family = Int(graph.family[i])
        counts[family][Int(states[i].rawValue)] -= 1
        counts[family][Int(state.rawValue)] += 1
        states[i] = state
        reasons[i] = reason.code
        subjects[i] = reason.subject?.raw ?? Graph.none
    }

    /// Why the task would run, ran, waits or ended.
    public func reason(of task: TaskIndex) -> Reason {
        let i = task.position
        guard i < reasons.count else { return Reason(.none) }
        return Reason(reasons[i], subjects[i] == Graph.none ? nil : TaskIndex(subjects[i]))
    }

    mutating func setReason(_ i: Int, _ reason: Reason) {
        reasons[i] = reason.code
        subjects[i] = reason.subject?.raw ?? Graph.none
    }

    public var taskCount: Int { graph.count }
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

extension Outcome.Kind {
    /// What is recorded as the reason of the end.
    public var reason: Reason.Code {
        switch self {
        case .done: return .succeeded
        case .raised: return .raised
        case .outputsNotMade: return .outputsNotMade
        case .workerLost: return .workerLost
        case .interrupted: return .interruptedWhileRunning
        case .couldNotStart: return .couldNotStart
        }
    }
}
