import MartletModel

/// What this run has claimed, and what it has yet to claim before it may start it.
struct Claims {
    enum Mark: UInt8 {
        case none
        /// The answer is awaited.
        case asked
        /// Ours, until the task has ended.
        case claimed
    }
    /// By task; empty when nothing is claimed at all.
    fileprivate(set) var marks: [Mark] = []
    /// Tasks that are ready and were not asked for yet.
    var unclaimed = ReadyQueue()
    /// Answers that are awaited.
    fileprivate(set) var asked = 0
    /// Tasks that ended while they were ours.
    fileprivate(set) var ended: [TaskIndex] = []
    /// Why tasks that are held elsewhere would run here.
    fileprivate var reasons: [TaskIndex: Reason] = [:]

    mutating func layOut(_ count: Int) {
        marks.append(contentsOf: repeatElement(.none, count: count - marks.count))
    }
}

extension Engine {
    /// Whether the task may start as far as other runs are concerned.
    func mayStart(_ i: Int) -> Bool { settings.claims == nil || claims.marks[i] == .claimed }

    /// A task that is ready and not claimed stands in a queue of its own.
    mutating func enqueueUnclaimed(_ i: Int, _ entry: ReadyQueue.Entry) {
        // asked for while it was waiting: its place in the queue comes with the answer
        guard claims.marks[i] == .none else { return }
        let number = Int(graph.terms[i])
        claims.unclaimed.insert(entry, requirement: terms.queue(number), group: terms.batch(number)?.group)
    }

    // MARK: asking

    /// Asks for the next tasks in every lane where an unclaimed one is the best that could start.
    mutating func claimMore(_ actions: inout [Action]) {
        guard let how = settings.claims, claims.asked == 0, claims.unclaimed.count > 0 else { return }
        var now: [TaskIndex] = []
        var later: [TaskIndex] = []
        for lane in Lane.allCases {
            let room = room(in: lane)
            guard let best = claims.unclaimed.best(where: { canStart($0, lane) }),
                room > 0 || canRunAhead(lane, best.requirement, graph.family[Int(best.entry.task)])
            else { continue }
            if let stock = ready.best(where: { canStart($0, lane) }), best.entry < stock.entry { continue }
            var chunk = ClaimChunk(room: max(1, room), seconds: how.aheadSeconds * Double(settings.slots), most: how.mostTasks)
            fill(&chunk, lane)
            now += chunk.tasks.prefix(room + chunk.followers)
            later += chunk.tasks.dropFirst(room + chunk.followers)
        }
        guard !(now.isEmpty && later.isEmpty) else { return }
        claims.asked = now.count + later.count
        actions.append(.claim(now + later, startingNow: now.count))
    }

    private func canStart(_ number: Int, _ lane: Lane) -> Bool { terms.lane(number) == lane && fits(number) }

    /// How many tasks could start in a lane at this moment.
    private func room(in lane: Lane) -> Int {
        switch lane {
        case .worker, .apart, .fork, .child: return settings.slots - leases.busySlots
        case .batch: return leases.room(in: .batch)
        }
    }

    /// Whether a worker that is busy would take a task of that family ahead of its turn.
    private func canRunAhead(_ lane: Lane, _ number: Int, _ family: UInt32) -> Bool {
        guard lane == .worker, terms.mayWaitInLine(number), !settings.failFast else { return false }
        let expected = durations.expected(family: family)
        return leases.holders.contains { $0.ahead && !$0.isGone && $0.expected + expected <= settings.aheadSeconds }
    }

    private mutating func fill(_ chunk: inout ClaimChunk, _ lane: Lane) {
        while let (entry, number) = claims.unclaimed.best(where: { canStart($0, lane) }) {
            let expected = durations.expected(family: graph.family[Int(entry.task)])
            guard chunk.takes(expected, alone: !terms.mayWaitInLine(number)) else { return }
            let task = TaskIndex(entry.task)
            let most = terms.batch(Int(graph.terms[task.position]))?.most ?? 1
            let others = claims.unclaimed.removeBest(of: number, most: most).map { TaskIndex($0) }
            for one in [task] + others { claims.marks[one.position] = .asked }
            chunk.add(task, expected)
            chunk.add(followers: others)
            if expected.isFinite && lane == .worker { followUp(task, &chunk) }
        }
    }

    /// Short tasks that wait for nothing but what is ours: each would otherwise need a claim of its own.
    private mutating func followUp(_ task: TaskIndex, _ chunk: inout ClaimChunk) {
        var next = [task.position]
        while let i = next.popLast() {
            var followers: [Int] = []
            graph.forEachDependent(of: i) { d in
                if states[d] == .waiting && claims.marks[d] == .none && open[d] <= 4 { followers.append(d) }
            }
            for d in followers {
                let expected = durations.expected(family: graph.family[d])
                let number = Int(graph.terms[d])
                guard terms.lane(number) == .worker, terms.mayWaitInLine(number), chunk.takes(expected, alone: false),
                    chunk.isBeyondRoom, waitsForOurs(d)
                else { continue }
                claims.marks[d] = .asked
                chunk.add(TaskIndex(d), expected)
                next.append(d)
            }
        }
    }

    private func waitsForOurs(_ i: Int) -> Bool {
        var ours = true
        graph.forEachDependency(of: i) { d in
            if !states[d].isComplete && claims.marks[d] == .none { ours = false }
        }
        return ours
    }

    // MARK: answers

    mutating func claimed(_ tasks: [TaskIndex]) {
        for task in tasks where answered(task) {
            let i = task.position
            claims.marks[i] = .claimed
            if states[i] == .ready { enqueue(i) }
            if states[i].hasEnded { giveBack(i) }
        }
    }

    mutating func heldElsewhere(_ tasks: [TaskIndex]) {
        for task in tasks where answered(task) {
            let i = task.position
            claims.marks[i] = .none
            // one that still waits is asked for when its turn comes
            guard states[i] == .ready else { continue }
            claims.reasons[task] = reason(of: task)
            move(i, to: .elsewhere, Reason(.leasedElsewhere))
        }
    }

    mutating func letGo(_ tasks: [TaskIndex]) {
        for task in tasks where states[task.position] == .elsewhere {
            setReason(task.position, claims.reasons.removeValue(forKey: task) ?? Reason(.incomplete))
            makeReady(task.position)
        }
    }

    mutating func madeElsewhere(_ tasks: [TaskIndex]) {
        // a task that is to run although it is complete runs, whoever made it
        let again = tasks.filter { runsThoughComplete($0) }
        claimed(again.filter { claims.marks[$0.position] == .asked })
        letGo(again)
        for i in lookedAt(tasks.filter { !runsThoughComplete($0) }) {
            move(i, to: .present, Reason(.madeElsewhere))
            release(dependentsOf: i)
        }
    }

    private func runsThoughComplete(_ task: TaskIndex) -> Bool {
        let why = (claims.reasons[task] ?? reason(of: task)).code
        return why == .forced || why == .dependencyForced
    }

    mutating func unreachable(_ tasks: [TaskIndex]) {
        for i in lookedAt(tasks) {
            move(i, to: .broken, Reason(.planningFailed))
            block(dependentsOf: i, root: TaskIndex(i))
        }
    }

    /// Those of the tasks that an answer settles; what was asked for is ours and given back.
    private mutating func lookedAt(_ tasks: [TaskIndex]) -> [Int] {
        tasks.compactMap { task in
            let i = task.position
            claims.reasons[task] = nil
            if claims.marks[i] == .asked {
                claims.asked -= 1
                claims.marks[i] = .claimed
                if states[i] != .ready {
                    // it waits still, or has ended: no answer for it
                    giveBack(i)
                    return nil
                }
                return i
            }
            return states[i] == .elsewhere ? i : nil
        }
    }

    private mutating func answered(_ task: TaskIndex) -> Bool {
        guard claims.marks[task.position] == .asked else { return false }
        claims.asked -= 1
        return true
    }

    // MARK: ending

    /// Called when a task has ended: it needs no claim any more.
    mutating func giveBack(_ i: Int) {
        guard claims.marks[i] == .claimed else { return }
        claims.marks[i] = .none
        claims.ended.append(TaskIndex(i))
    }

    mutating func tellEnded(_ actions: inout [Action]) {
        if claims.ended.isEmpty { return }
        actions.append(.release(claims.ended))
        claims.ended = []
    }

    mutating func emptyUnclaimed() { claims.unclaimed.removeAll() }

    mutating func dropUnclaimed() {
        claims.unclaimed.removeAll()
        claims.reasons = [:]
    }
}

/// Tasks that are claimed together.
private struct ClaimChunk {
    /// How many of them can start at once.
    let room: Int
    /// How long the others may take together, in seconds.
    let seconds: Double
    let most: Int
    private(set) var tasks: [TaskIndex] = []
    /// Tasks that run as one with another: they need no room of their own.
    private(set) var followers = 0
    private var expected = 0.0

    init(room: Int, seconds: Double, most: Int) {
        self.room = room
        self.seconds = seconds
        self.most = most
    }

    var isBeyondRoom: Bool { tasks.count >= room + followers }

    /// Whether another task may come with them. `alone`: it is not claimed before it can start.
    func takes(_ seconds: Double, alone: Bool) -> Bool {
        if tasks.count >= most { return false }
        return !isBeyondRoom || (!alone && expected + seconds <= self.seconds)
    }

    mutating func add(_ task: TaskIndex, _ seconds: Double) {
        tasks.append(task)
        if seconds.isFinite { expected += seconds }
    }

    mutating func add(followers others: [TaskIndex]) {
        tasks += others
        followers += others.count
    }
}
