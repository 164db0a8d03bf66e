import MartletModel

/// What follows from the end of an execution, a suspension, or the loss of a worker.
extension Engine {
    mutating func end(_ task: TaskIndex, _ outcome: Outcome, _ actions: inout [Action]) {
        let i = task.position
        if outcome.wornOut, let worker = holder(of: task) { leases.isToLeave(worker) }
        guard i < states.count, endLease(task) else {
            return  // an answer of a worker that was given up in the meantime
        }
        if outcome.kind == .done { durations.saw(outcome.wall, family: graph.family[i]) }
        count(outcome, of: task)
        conclude(task, outcome, &actions)
        for follower in batches.dissolve(task) { conclude(follower, outcome, &actions) }
    }

    private mutating func conclude(_ task: TaskIndex, _ outcome: Outcome, _ actions: inout [Action]) {
        if outcome.kind == .done {
            move(task.position, to: .done, Reason(.succeeded))
            release(dependentsOf: task.position)
        } else if halted == nil, let delay = furtherTry(task, after: outcome.kind) {
            tryAgain(task, after: delay, outcome.kind.reason, &actions)
        } else {
            fail(task.position, Reason(outcome.kind.reason))
        }
    }

    mutating func takeBack(_ task: TaskIndex) {
        let i = task.position
        guard i < states.count, endLease(task) else { return }
        makeReady(i)
        disband(task)
    }

    mutating func fail(_ i: Int, _ reason: Reason) {
        giveUp(i, reason)
        countFailure(of: i)
    }

    /// It has failed, which does not count against what workflows put up with.
    mutating func giveUp(_ i: Int, _ reason: Reason) {
        move(i, to: .failed, reason)
        block(dependentsOf: i, root: TaskIndex(i))
        guard settings.failFast && halted == nil else { return }
        halted = Reason(.failFast, TaskIndex(i))
        mayRecall = true
    }

    // MARK: another try

    /// Seconds to wait before the task is tried again; nil when it is not.
    private mutating func furtherTry(_ task: TaskIndex, after kind: Outcome.Kind) -> Double? {
        let number = Int(graph.terms[task.position]), policy = terms[number].retry
        let tried = attempt(of: task)
        guard breaker.last(of: graph.family[task.position]) == nil else { return nil }
        if jobsHalted != nil && terms.lane(number) == .batch { return nil }
        guard policy.allowsAnother(after: kind, failed: tried) else { return nil }
        if settings.failFast && !policy.holdsRun { return nil }
        attempts[task] = tried
        if kind == .outOfMemory { graph.terms[task.position] = UInt32(terms.withMoreMemory(number)) }
        return policy.delay(before: tried + 1)
    }

    private mutating func tryAgain(
        _ task: TaskIndex, after delay: Double, _ failure: Reason.Code, _ actions: inout [Action]
    ) {
        failures[task] = failure
        if delay > 0 {
            if !terms[Int(graph.terms[task.position])].retry.holdsRun { untried[task] = Reason(failure) }
            move(task.position, to: .delayed, Reason(.triedAgain))
            actions.append(.wake(task, after: delay))
        } else {
            setReason(task.position, Reason(.triedAgain))
            makeReady(task.position)
        }
    }

    /// Where nothing is left but tasks that hold no run, they have failed; so have they when nothing new may start.
    mutating func endUntried() {
        if untried.isEmpty { return }
        let others = leases.count + tasks(in: .ready) + tasks(in: .elsewhere) + tasks(in: .delayed) - untried.count
        guard halted != nil || others == 0 else { return }
        for (task, reason) in untried.sorted(by: { $0.key.raw < $1.key.raw }) where states[task.position] == .delayed {
            fail(task.position, reason)  // which may give up others of them
        }
        untried = [:]
    }

    // MARK: tasks that wait for what they asked for

    mutating func suspend(_ task: TaskIndex, _ needs: [TaskIndex], _ actions: inout [Action]) {
        let i = task.position
        guard let worker = holder(of: task), endLease(task) else { return }
        let all = [task] + batches.followers(of: task)
        for one in all {
            let known = Set(graph.dependencies(of: one.position).map { TaskIndex($0) })
            if neededAsPlanned[one] == nil { neededAsPlanned[one] = known.count }
            graph.add(needs.filter { !known.contains($0) }, to: one.position)
            move(one.position, to: .suspended, Reason(.asked))
        }
        layOut()  // what it asked for may be known by name only
        if terms.lane(Int(graph.terms[i])) == .fork {
            disband(task)  // a process of its own ends here, and the task starts anew in another
        } else {
            homes[task] = worker
        }
        if let path = all.lazy.compactMap({ [self] in pathBack(to: $0, from: needs) }).first {
            forget(task, &actions)
            for one in all { fail(one.position, Reason(.cycle)) }
            actions.append(.cycle(path))
            return
        }
        for one in all {
            handOnPriority(of: one.position)
            settleSuspended(one.position)
        }
    }

    /// A suspended task goes on, waits, or will not get what it asked for.
    private mutating func settleSuspended(_ i: Int) {
        var missing: UInt32 = 0
        var blockedBy: Int?
        allowances[TaskIndex(i)]?.spared = 0  // all are counted anew
        graph.forEachDependency(of: i) { d in
            if states[d].isComplete || (states[d].willNotBeMade && spares(d, for: i)) { return }
            if states[d].willNotBeMade { blockedBy = blockedBy ?? d }
            missing += 1
        }
        open[i] = missing
        if let root = blockedBy {
            blockOne(i, root: root)
            block(dependentsOf: i, root: TaskIndex(root))
        } else if missing == 0 {
            wakeSuspended(i)
        }
    }

    func blockRoot(_ d: Int) -> TaskIndex? {
        states[d] == .blocked ? reason(of: TaskIndex(d)).subject : TaskIndex(d)
    }

    private mutating func blockOne(_ i: Int, root: Int) {
        move(i, to: .blocked, Reason(.blockedBy, blockRoot(root)))
        dropped.append(TaskIndex(i))
    }

    private mutating func wakeSuspended(_ i: Int) {
        let task = TaskIndex(i)
        if batches.leader(of: task) != nil {
            move(i, to: .ready, Reason(.asked))  // it goes on when its leader does
        } else if let home = homes[task] {
            resumable[home, default: []].append(task)
            move(i, to: .ready, Reason(.asked))
        } else {
            makeReady(i)
        }
    }

    /// Whether something that is asked for needs the task itself: the path from the task and back to it.
    private func pathBack(to task: TaskIndex, from needs: [TaskIndex]) -> [TaskIndex]? {
        var cameFrom: [Int: Int] = [:]
        var next = needs.map(\.position)
        for n in next { cameFrom[n] = task.position }
        while let i = next.popLast() {
            if i == task.position {
                var path: [TaskIndex] = []
                var at = cameFrom[i]!
                while at != i {
                    path.append(TaskIndex(at))
                    at = cameFrom[at]!
                }
                return [task] + path.reversed()
            }
            if states[i].hasEnded { continue }
            graph.forEachDependency(of: i) { d in
                if cameFrom[d] == nil || d == task.position && cameFrom[d] == nil {
                    cameFrom[d] = i
                    next.append(d)
                }
            }
        }
        return nil
    }

    mutating func forget(_ task: TaskIndex, _ actions: inout [Action]) {
        _ = batches.dissolve(task)
        if let home = homes.removeValue(forKey: task) { actions.append(.forget(task, on: home)) }
    }

    // MARK: a worker is gone

    mutating func workerLeft(_ id: WorkerID) {
        for task in leases.leave(id) {
            giveBack(task)
            setReason(task.position, reason(of: task))
            makeReady(task.position)
            disband(task)
        }
        // what it kept half done is lost: those tasks start anew when their time comes
        for (task, home) in homes where home == id {
            homes[task] = nil
            disband(task)
        }
        for task in resumable.removeValue(forKey: id) ?? [] { enqueue(task.position) }
    }

    // MARK: those who wait

    mutating func release(dependentsOf i: Int) {
        var complete = [i]
        while let next = complete.popLast() {
            graph.forEachDependent(of: next) { d in
                guard states[d] == .waiting || states[d] == .suspended else { return }
                open[d] -= 1
                guard open[d] == 0 else { return }
                if states[d] == .suspended {
                    wakeSuspended(d)
                } else if graph.kind[d] == .gathers, reason(of: TaskIndex(d)).code == .gathers, allPresent(d) {
                    move(d, to: .present, Reason(.complete))
                    complete.append(d)
                } else {
                    makeReady(d)
                }
            }
        }
    }

    func allPresent(_ i: Int) -> Bool {
        var all = true
        graph.forEachDependency(of: i) { if states[$0] != .present { all = false } }
        return all
    }

    /// Everything that needs `i`, directly or through others, will not get its turn.
    mutating func block(dependentsOf i: Int, root: TaskIndex) {
        var reached = [i]
        while let next = reached.popLast() {
            graph.forEachDependent(of: next) { d in
                guard states[d] == .waiting || states[d] == .suspended else { return }
                if spares(next, for: d) { return waitForOneLess(d) }
                if states[d] == .suspended { dropped.append(TaskIndex(d)) }
                move(d, to: .blocked, Reason(.blockedBy, root))
                reached.append(d)
            }
        }
    }

    /// A workflow goes on without a branch that will not be made.
    private mutating func waitForOneLess(_ i: Int) {
        open[i] -= 1
        guard open[i] == 0 else { return }
        if states[i] == .suspended { wakeSuspended(i) } else { makeReady(i) }
    }

    mutating func makeReady(_ i: Int) {
        move(i, to: .ready, reason(of: TaskIndex(i)))
        if !isKeptBack(i) { enqueue(i) }
    }

    /// A task that is ready ends here when it may not be started any more.
    mutating func isKeptBack(_ i: Int) -> Bool { isPoisoned(i) || isHopeless(i) || isGivenUp(i) }

    mutating func enqueue(_ i: Int) {
        let entry = ReadyQueue.Entry(priority: graph.priority[i], order: graph.order[i], task: UInt32(i))
        let number = Int(graph.terms[i])
        if awaitsPlan(number) {
            batches.awaitingPlan.insert(i)
        } else if mayStart(i) {
            ready.insert(entry, requirement: terms.queue(number), group: terms.batch(number)?.group)
        } else {
            enqueueUnclaimed(i, entry)
        }
    }

    mutating func withholdTheRest(_ actions: inout [Action]) {
        guard let halted else { return }
        let open: [TaskState] = [.waiting, .ready, .suspended, .delayed, .elsewhere]
        guard open.contains(where: { tasks(in: $0) > 0 }) else { return }
        ready.removeAll()
        dropUnclaimed()
        resumable = [:]
        for i in states.indices where open.contains(states[i]) {
            forget(TaskIndex(i), &actions)
            move(i, to: .withheld, halted)
        }
    }
}
