import MartletModel

/// Who gets what.
extension Engine {
    mutating func dispatch(_ actions: inout [Action]) {
        var gave = true
        while gave && tasks(in: .ready) > 0 {
            gave = false
            for h in leases.holders.indices where tasks(in: .ready) > 0 {
                if let action = next(for: h) {
                    actions.append(action)
                    gave = true
                }
            }
        }
        wantWorkers(in: .worker, &actions)
        wantWorkers(in: .apart, &actions)
    }

    /// Leases the best task that the holder can take now.
    private mutating func next(for h: Int) -> Action? {
        let holder = leases.holders[h]
        if holder.isGone { return nil }
        let ahead = holder.tasks.count >= holder.capacity
        if ahead {
            // handing out ahead of time: only short tasks, never when a failure should stop the rest
            // and never one with a time limit: its time runs from its start
            guard holder.ahead, !settings.failFast, holder.tasks.count < settings.aheadTasks,
                holder.expected < settings.aheadSeconds
            else { return nil }
        } else if holder.lane == .child || (holder.lane.hasProcesses && holder.tasks.isEmpty) {
            guard leases.busySlots < settings.slots else { return nil }
        }
        let best = ready.best(where: { number in
            terms[number].lane == holder.lane && (ahead ? terms.mayWaitInLine(number) : terms.fits(number))
        })
        if !ahead, let task = resumable(on: holder.id, before: best?.entry) {
            lease(task, to: h)
            homes[task] = nil
            return .resume(task, on: holder.id)
        }
        guard let (entry, number) = best else { return nil }
        let expected = durations.expected(family: graph.family[Int(entry.task)])
        if ahead && holder.expected + expected > settings.aheadSeconds { return nil }
        ready.removeBest(of: number)
        let task = TaskIndex(entry.task)
        lease(task, to: h)
        return .start(task, on: holder.id)
    }

    private mutating func lease(_ task: TaskIndex, to h: Int) {
        terms.take(Int(graph.terms[task.position]))
        leases.give(task, to: h, expected: durations.expected(family: graph.family[task.position]))
        move(task.position, to: .running, reason(of: task))
    }

    /// The oldest suspended task that can go on with this worker, unless something better is ready.
    private mutating func resumable(on id: WorkerID, before best: ReadyQueue.Entry?) -> TaskIndex? {
        guard let waiting = resumable[id], !waiting.isEmpty else { return nil }
        func entry(_ task: TaskIndex) -> ReadyQueue.Entry {
            .init(priority: graph.priority[task.position], order: graph.order[task.position], task: task.raw)
        }
        let fitting = waiting.indices.filter { terms.fits(Int(graph.terms[waiting[$0].position])) }
        guard let place = fitting.max(by: { entry(waiting[$0]) < entry(waiting[$1]) }) else { return nil }
        if let best, entry(waiting[place]) < best { return nil }
        resumable[id]!.remove(at: place)
        return waiting[place]
    }

    private mutating func wantWorkers(in lane: Lane, _ actions: inout [Action]) {
        let missing = settings.slots - leases.workers(in: lane)
        guard missing > 0 else { return }
        let coming = awaited[lane] ?? 0
        let waiting = ready.count(where: { terms[$0].lane == lane && terms.fits($0) })
        let wanted = min(waiting, missing - coming)
        guard wanted > 0 else { return }
        awaited[lane] = coming + wanted
        actions.append(.wantWorkers(wanted, lane))
    }
}
