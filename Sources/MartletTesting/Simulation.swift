import MartletEngine
import MartletModel

/// One seeded history of the real engine: a random graph, workers that come, go and die, tasks that fail, a user
/// who interrupts, other runs that hold what this one wants. After every step the engine's invariants are checked. Nothing sleeps.
public struct Simulation {
    public let seed: UInt64
    public private(set) var engine: Engine
    /// What went wrong, in words; empty when all is well.
    public private(set) var violations: [String] = []
    public private(set) var steps = 0

    private var random: SeededRandom
    /// Tasks that are not planned yet, in the order in which they are discovered.
    private var unplanned: [PlannedTask]
    private var isPlanned = false
    /// How many tasks are planned before the plan is opened; nil for a plan that is complete before anything starts, or
    /// open from the beginning.
    private var opensAfter: Int?
    private var taskCount: Int
    private var workers: [Int: Worker] = [:]
    private var nextWorker: UInt32 = 1
    private var wanted: [Lane: Int] = [:]
    private var sawEnd = false
    private var starts: [TaskIndex: Int] = [:]
    private var mayStartAgain: Set<TaskIndex> = []
    /// Suspended tasks, and the worker that keeps them.
    private var halfDone: [TaskIndex: Int] = [:]
    /// Tasks that wait for another try.
    private var asleep: [TaskIndex] = []
    /// Tasks whose process is gone and whose end the engine has not heard of yet.
    private var dead: [(task: TaskIndex, kind: Outcome.Kind)] = []

    private var otherRuns = OtherRuns()
    /// How many branches workflows can spare.
    private var spares: [TaskIndex: Int] = [:]

    // what the world knows without asking the engine
    private let mayBeCyclic: Bool
    private var needs: [TaskIndex: [TaskIndex]]
    private var families: [TaskIndex: FamilyIndex]
    /// Tasks that ended well, as the engine was told.
    private var madeHere: Set<TaskIndex> = []
    /// Somebody wants the run to stop.
    private var isStopped = false
    /// Jobs fail alike.
    private var isStorm = false
    /// What was handed to a batch system, and is wanted back.
    private var recalled: [TaskIndex] = []

    /// What the world knows of a worker.
    private struct Worker {
        var lane: Lane
        var leases: [TaskIndex] = []
    }

    /// - Parameter most: tasks in the first plan at the most, to make a failure small.
    public init(seed: UInt64, most: Int = .max) {
        self.seed = seed
        var random = SeededRandom(seed: seed)
        let slots = Int.random(in: 1...5, using: &random)
        engine = Engine(
            Settings(
                slots: slots, failFast: random.chance(0.15), streams: random.chance(0.4), runsAroundCycles: random.chance(0.5),
                limits: ["memory_gb": 4, "licence": 1], devices: ["gpu": Int.random(in: 1...3, using: &random)],
                cores: random.chance(0.5) ? .infinity : Double(Int.random(in: 1...6, using: &random)),
                tasksPerWorker: random.chance(0.2) ? 3 : .max,
                lossesInARow: random.chance(0.5) ? 2 : nil,
                aheadSeconds: random.chance(0.5) ? 0.005 : 0, aheadTasks: Int.random(in: 1...8, using: &random),
                claims: OtherRuns.settings(&random)))
        let shape = GraphShape(&random, most: most, cyclic: random.chance(0.04))
        mayBeCyclic = !shape.backwards.isEmpty
        unplanned = Simulation.graph(shape, &random, &engine)
        needs = Dictionary(uniqueKeysWithValues: unplanned.map { ($0.index, $0.dependencies) })
        families = Dictionary(uniqueKeysWithValues: unplanned.map { ($0.index, $0.family) })
        taskCount = unplanned.count
        for task in unplanned where random.chance(0.1) {
            let lacking = Int.random(in: 0...3, using: &random)
            spares[task.index] = lacking
            _ = engine.handle([.allows(task.index, lacking: lacking, failing: random.chance(0.5) ? Int.random(in: 0...2, using: &random) : nil)])
        }
        if !engine.settings.streams {
            if random.chance(0.3) {
                opensAfter = Int.random(in: 0...taskCount, using: &random)
            } else {
                unplanned.shuffle(using: &random)
            }
        }
        self.random = random
    }

    /// Plays the history to its end, or until something is wrong.
    public mutating func play() {
        if let opensAfter {
            apply(engine.handle([.planned(Array(unplanned.prefix(opensAfter)))]))
            unplanned.removeFirst(opensAfter)
            apply(engine.handle([.planOpened]))
        } else if !engine.settings.streams {
            plan(unplanned.count)
        }
        if random.chance(0.3) { join(.child, capacity: Int.random(in: 1...3, using: &random)) }
        if random.chance(0.3) { join(.batch, capacity: Int.random(in: 1...20, using: &random)) }
        while !sawEnd && violations.isEmpty {
            steps += 1
            guard steps < 100 * (taskCount + 10) else {
                violations.append("the run does not end: \(engine.counts)")
                return
            }
            step()
            check()
        }
        check()
    }

    /// Plans the next tasks; the last ones end the plan.
    private mutating func plan(_ count: Int) {
        let next = Array(unplanned.prefix(count))
        unplanned.removeFirst(next.count)
        apply(engine.handle([.planned(next)]))
        guard unplanned.isEmpty else { return }
        isPlanned = true
        let until: Set<FamilyIndex> = !engine.settings.streams && random.chance(0.1) ? [FamilyIndex(UInt32(1))] : []
        apply(engine.handle([.planEnded(roots: taskCount == 0 ? [] : [TaskIndex(0)], until: until)]))
    }

    private mutating func step() {
        if !isPlanned && random.chance(0.5) { return plan(Int.random(in: 1...10, using: &random)) }
        if let task = asleep.first, random.chance(0.5) {
            asleep.removeFirst()
            return apply(engine.handle([.woken(task)]))
        }
        if let event = otherRuns.event(&random) {
            let actions = engine.handle([event])
            // one that waited for something else when it was refused may be asked for again at once
            otherRuns.keep { engine.states[$0.position] == .elsewhere }
            return apply(actions)
        }
        for lane in [Lane.worker, .apart, .fork] where wanted[lane, default: 0] > 0 && random.chance(0.7) {
            wanted[lane]! -= 1
            return join(lane, capacity: 1)
        }
        if !dead.isEmpty && random.chance(0.4) {
            let end = dead.removeFirst()
            return apply(engine.handle([.ended(end.task, Outcome(end.kind))]))
        }
        if random.chance(0.01) {
            isStopped = true
            return apply(engine.handle([.interrupted(random.chance(0.5) ? .gently : .firmly)]))
        }
        if !recalled.isEmpty && random.chance(0.5) { return callBack(recalled.removeFirst()) }
        let busy = workers.keys.sorted().filter { !workers[$0]!.leases.isEmpty }
        guard let id = busy.randomElement(using: &random) else {
            if !dead.isEmpty || !isPlanned || otherRuns.owe { return }
            // nobody works: lanes that have tasks and no worker get one, as the runtime would give them
            if wanted.values.contains(where: { $0 > 0 }) { return }
            let lane = [Lane.child, .batch].randomElement(using: &random)!
            return join(lane, capacity: 4)
        }
        let parallel = !workers[id]!.lane.hasProcesses
        if !parallel && random.chance(0.08) { return die(id) }
        if workers[id]!.leases.count > 1 && random.chance(0.05) { return giveBack(id) }
        if !engine.followers(of: workers[id]!.leases[0]).isEmpty && random.chance(0.1) { return part(workers[id]!.leases[0]) }
        if random.chance(0.01) { return apply(engine.handle([.outdated(WorkerID(UInt32(id)))])) }
        if engine.timeLimit(of: workers[id]!.leases[0]) != nil && random.chance(0.3) { return overrun(id) }
        let place = parallel ? Int.random(in: 0..<workers[id]!.leases.count, using: &random) : 0
        let task = workers[id]!.leases.remove(at: place)
        if !parallel && isPlanned && random.chance(0.06) { return ask(task, id) }
        let end = outcome()
        let all = [task] + engine.followers(of: task)
        if end.kind == .done { madeHere.formUnion(all) } else { mayStartAgain.formUnion(all) }
        apply(engine.handle([.ended(task, end)]))
        if parallel && end.kind != .done && workers[id]?.lane == .batch && random.chance(0.3) {
            isStorm = true
            apply(engine.handle([.jobsFailAlike(last: random.chance(0.9) ? task : nil)]))
        }
    }

    /// A job that is called back has not begun, unless it has ended meanwhile or goes on.
    private mutating func callBack(_ task: TaskIndex) {
        guard let id = workers.first(where: { $0.value.leases.contains(task) })?.key, random.chance(0.7) else { return }
        workers[id]!.leases.removeAll { $0 == task }
        mayStartAgain.formUnion(engine.followers(of: task))
        apply(engine.handle([.returned(task)]))
        if engine.states[task.position] != .withheld && engine.states[task.position] != .failed {
            violations.append("task \(task) was called back, and is \(engine.states[task.position])")
        }
    }

    /// A running task asks for more: new tasks, and at times something that is there already.
    private mutating func ask(_ task: TaskIndex, _ worker: Int) {
        let count = Int.random(in: 0...3, using: &random)
        var new: [PlannedTask] = []
        for n in 0..<count {
            let kind = random.chance(0.1) ? PlannedTask.Kind.allCases.randomElement(using: &random)! : .outputAbsent
            let needs = n + 1 < count && random.chance(0.3) ? [TaskIndex(taskCount + n + 1)] : []
            new.append(PlannedTask(TaskIndex(taskCount + n), kind, family: FamilyIndex(5), dependencies: needs))
        }
        taskCount += count
        for task in new { (self.needs[task.index], families[task.index]) = (task.dependencies, task.family) }
        var needs = new.map(\.index)
        if random.chance(0.3), let done = engine.states.firstIndex(of: .done) { needs.append(TaskIndex(done)) }
        self.needs[task, default: []] += needs
        // what runs in a process of its own starts anew
        let startsAnew = workers[worker]!.lane == .fork
        if startsAnew { mayStartAgain.formUnion([task] + engine.followers(of: task)) } else { halfDone[task] = worker }
        apply(engine.handle([.planned(new), .suspended(task, needs: needs)]))
    }

    /// A worker does not come to what it was handed last.
    private mutating func giveBack(_ id: Int) {
        let task = workers[id]!.leases.removeLast()
        mayStartAgain.formUnion([task] + engine.followers(of: task))
        apply(engine.handle([.returned(task)]))
    }

    /// Of those that run as one with a task some are elsewhere already, and it was tried in an earlier run.
    private mutating func part(_ leader: TaskIndex) {
        let strangers = engine.followers(of: leader).filter { _ in random.chance(0.5) }
        mayStartAgain.formUnion(strangers)
        apply(engine.handle([.triedBefore(leader, failed: 1), .parted(strangers, from: leader)]))
        if let one = strangers.first(where: { engine.followers(of: leader).contains($0) }) {
            violations.append("task \(one) follows task \(leader) still")
        }
    }

    private mutating func outcome() -> Outcome {
        let wall = random.chance(0.5) ? 0.0001 : 3
        let kind = random.chance(0.08) ? Outcome.Kind.allCases.randomElement(using: &random)! : .done
        return Outcome(kind, wall: wall, wornOut: random.chance(0.05))
    }

    private mutating func join(_ lane: Lane, capacity: Int) {
        let id = nextWorker
        nextWorker += 1
        workers[Int(id)] = Worker(lane: lane)
        let ahead = lane.hasProcesses && random.chance(0.8)
        apply(engine.handle([.workerJoined(WorkerID(id), lane: lane, capacity: capacity, ahead: ahead)]))
    }

    /// Its oldest task takes longer than it may: a program is ended, a worker with all that it has.
    private mutating func overrun(_ id: Int) {
        if workers[id]!.lane.hasProcesses { return die(id, .timedOut) }
        let task = workers[id]!.leases.removeFirst()
        mayStartAgain.formUnion([task] + engine.followers(of: task))
        apply(engine.handle([.ended(task, Outcome(.timedOut))]))
    }

    private mutating func die(_ id: Int, _ kind: Outcome.Kind = .workerLost) {
        let leases = workers.removeValue(forKey: id)!.leases
        for task in leases { mayStartAgain.formUnion([task] + engine.followers(of: task)) }
        dead += leases.prefix(1).map { ($0, kind) }
        for (task, home) in halfDone where home == id {
            mayStartAgain.formUnion([task] + engine.followers(of: task))
            halfDone[task] = nil
        }
        apply(engine.handle([.workerLeft(WorkerID(UInt32(id)))]))
    }

    private mutating func apply(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .claim(let tasks, let startingNow):
                // refused a moment ago, in the same events, while it was waiting for something else
                otherRuns.keep { engine.states[$0.position] == .elsewhere }
                if startingNow > tasks.count { violations.append("more is started than claimed") }
                violations += otherRuns.asked(tasks)
            case .release(let tasks): violations += otherRuns.released(tasks)
            case .start(let task, let worker):
                for one in [task] + engine.followers(of: task) {
                    violations += early(one)
                    if engine.settings.claims != nil && !otherRuns.ours.contains(one) {
                        violations.append("task \(one) is started and not claimed")
                    }
                    starts[one, default: 0] += 1
                    if starts[one]! > 1 && mayStartAgain.remove(one) == nil { violations.append("task \(one) is started twice") }
                }
                if isStorm && workers[Int(worker.raw)]?.lane == .batch { violations.append("task \(task) is submitted in a storm") }
                if workers[Int(worker.raw)] == nil { violations.append("task \(task) is given to \(worker), who is gone") }
                if let has = workers[Int(worker.raw)], has.lane.hasProcesses, !has.leases.isEmpty,
                    engine.timeLimit(of: task) != nil
                {
                    violations.append("task \(task) has a time limit and waits in line")
                }
                workers[Int(worker.raw)]?.leases.append(task)
            case .resume(let task, let worker):
                violations += early(task)
                if halfDone.removeValue(forKey: task) != Int(worker.raw) {
                    violations.append("task \(task) is resumed where it is not kept")
                }
                workers[Int(worker.raw)]?.leases.append(task)
            case .forget(let task, let worker):
                if halfDone.removeValue(forKey: task) != Int(worker.raw) {
                    violations.append("task \(task) is forgotten where it is not kept")
                }
            case .wake(let task, let seconds):
                if seconds <= 0 { violations.append("task \(task) waits for no time") }
                asleep.append(task)
            case .wantWorkers(let n, let lane): wanted[lane, default: 0] += n
            case .retire(let worker):
                if workers.removeValue(forKey: Int(worker.raw))?.leases.isEmpty != true {
                    violations.append("\(worker) is retired while it works")
                }
                if halfDone.values.contains(Int(worker.raw)) { violations.append("\(worker) is retired and keeps a task") }
            case .interruptRunning: break
            case .recall(let tasks):
                let jobs = Set(workers.values.filter { $0.lane == .batch }.flatMap(\.leases))
                violations += tasks.filter { !jobs.contains($0) }.map { "task \($0) is called back and is no job" }
                recalled += tasks
            case .cycle(let path): violations += wrong(path)
            case .runEnded:
                if sawEnd { violations.append("the run ends twice") }
                sawEnd = true
            }
        }
    }

    /// A task must not start, or go on, before what it needs is there, nor once the run is to stop.
    private func early(_ task: TaskIndex) -> [String] {
        var wrong: [String] = []
        var toSpare = spares[task] ?? 0
        for needed in needs[task] ?? [] {
            let state = engine.states[needed.position]
            if toSpare > 0 && state.hasEnded && families[needed] == families[task] && state != .present && state != .done {
                toSpare -= 1
                continue
            }
            if state == .present || (state == .done && madeHere.contains(needed)) { continue }
            wrong.append("task \(task) starts before \(needed), which is \(state)")
        }
        if isStopped { wrong.append("task \(task) starts though the run is to stop") }
        if engine.settings.failFast && engine.states.contains(.failed) {
            wrong.append("task \(task) starts after a failure")
        }
        return wrong
    }

    /// A cycle is told as its path: each task needs the next, the last the first.
    private func wrong(_ cycle: [TaskIndex]) -> [String] {
        if !mayBeCyclic { return ["a cycle in a graph without one"] }
        let next = cycle.dropFirst() + cycle.prefix(1)
        return zip(cycle, next).filter { !(needs[$0] ?? []).contains($1) }.map { "\($0) does not need \($1), as the cycle says" }
    }

    private mutating func check() {
        violations += engine.checkInvariants()
        if sawEnd && (workers.values.contains { !$0.leases.isEmpty } || !dead.isEmpty) {
            violations.append("the run ended while tasks were running")
        }
        if sawEnd && !otherRuns.ours.isEmpty { violations.append("the run ended and keeps \(otherRuns.ours)") }
    }

    /// Tasks of all kinds and terms in this shape.
    private static func graph(
        _ shape: GraphShape, _ random: inout SeededRandom, _ engine: inout Engine
    ) -> [PlannedTask] {
        let odd = random.chance(0.5) ? 0.05 : 0
        let passing = RetryPolicy(retries: [.raised: 3, .workerLost: 1], delay: 1, holdsRun: false)
        let patient = RetryPolicy(retries: [.raised: 2, .workerLost: 3, .outOfMemory: 1, .timedOut: 1], delay: 1)
        let terms = [
            0, 0, 0, engine.number(of: Terms(resources: Resources(["memory_gb": 1.5]), retry: patient)),
            engine.number(of: Terms(resources: Resources(["gpu": 1, "memory_gb": 1.5]), retry: .never)),
            engine.number(of: Terms(resources: Resources(["gpu": 0.4]), share: Share(cores: 1))),
            engine.number(of: Terms(lane: .child, resources: Resources(["gpu": 1]), share: Share(cores: 2))),
            engine.number(of: Terms(share: Share(cores: 4, threads: 4))),
            engine.number(of: Terms(lane: .fork, share: Share(cores: 1))),
            engine.number(of: Terms(lane: .fork, resources: Resources(["gpu": 1]), retry: patient)),
            engine.number(of: Terms(batch: BatchTerms(group: 0, most: 3))),
            engine.number(of: Terms(batch: BatchTerms(group: 1, most: 100))),
            engine.number(of: Terms(resources: Resources(["gpu": 1]), retry: patient, batch: BatchTerms(group: 2, most: 2))),
            engine.number(of: Terms(lane: .fork, batch: BatchTerms(group: 3, most: 4))),
            engine.number(of: Terms(retry: passing)),
            engine.number(of: Terms(lane: .child)),
            engine.number(of: Terms(lane: .child, timeLimit: 10)),
            engine.number(of: Terms(retry: patient, timeLimit: 10)),
            engine.number(of: Terms(lane: .apart, timeLimit: 10)),
            engine.number(of: Terms(lane: .batch, resources: Resources(["licence": 1]))),
            engine.number(of: Terms(resources: Resources(["memory_gb": 5]))),
        ]
        var tasks: [PlannedTask] = []
        for i in 0..<shape.count {
            let dependencies = shape.dependencies(of: i, &random)
            var kind = PlannedTask.Kind.outputAbsent
            if random.chance(odd) { kind = PlannedTask.Kind.allCases.randomElement(using: &random)! }
            let alone = kind == .complete || kind == .externalAbsent || kind == .broken
            tasks.append(
                PlannedTask(
                    TaskIndex(i), kind, family: FamilyIndex(i % 4), priority: random.chance(0.2) ? Double.random(in: -5...5, using: &random) : 0,
                    terms: terms.dropLast(random.chance(0.05) ? 0 : 1).randomElement(using: &random)!,
                    dependencies: alone && random.chance(0.5) ? [] : dependencies))
        }
        return tasks
    }
}
