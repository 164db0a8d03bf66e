import MartletModel

/// Who gets what.
extension Engine {
    mutating func dispatch(_ actions: inout [Action]) {
        retireThoseWhoLeave(&actions)
        // the answer may hold something better than what is claimed already
        if claims.asked > 0 && settings.claims?.answeredAtOnce == true { return }
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
        wantWorkers(&actions)
    }

    /// Leases the best task that the holder can take now.
    private mutating func next(for h: Int) -> Action? {
        let holder = leases.holders[h]
        if holder.isGone { return nil }
        let ahead = holder.tasks.count >= holder.capacity
        if ahead {
            // handing out ahead of time: only short tasks, never when a failure should stop the rest
            // and never one with a time limit: its time runs from its start
            guard holder.ahead, !holder.isLeaving, !settings.failFast, holder.tasks.count < settings.aheadTasks,
                holder.expected < settings.aheadSeconds
            else { return nil }
        } else if holder.lane == .child || (holder.lane.hasProcesses && holder.tasks.isEmpty) {
            guard leases.busySlots < settings.slots else { return nil }
        }
        var best = holder.isLeaving ? nil : best(for: holder, ahead: ahead)
        if let candidate = best, !ahead, yields(holder, candidate.entry) { best = nil }
        if !ahead, let task = resumable(on: holder.id, before: best?.entry) {
            lease(task, to: h)
            homes[task] = nil
            return .resume(task, on: holder.id)
        }
        guard let (entry, number) = best else { return nil }
        // what becomes ready meanwhile may be more urgent, and would come too late
        if ahead && entry.priority < graph.topPriority { return nil }
        let expected = durations.expected(family: graph.family[Int(entry.task)])
        if ahead && holder.expected + expected > settings.aheadSeconds { return nil }
        let task = TaskIndex(entry.task)
        let others = ready.removeBest(of: number, most: terms.batch(Int(graph.terms[task.position]))?.most ?? 1)
        batches.form(task, others.map { TaskIndex($0) })
        lease(task, to: h)
        return .start(task, on: holder.id)
    }

    private func best(for holder: Leases.Holder, ahead: Bool) -> (entry: ReadyQueue.Entry, requirement: Int)? {
        ready.best(where: { number in
            guard terms.lane(number) == holder.lane else { return false }
            // what waits in line uses what those before it use
            return ahead
                ? terms.mayWaitInLine(number) && terms.share(number) == holder.share : fits(number, in: holder)
        })
    }

    private mutating func lease(_ task: TaskIndex, to h: Int) {
        let number = Int(graph.terms[task.position])
        take(for: task, by: h)
        leases.give(
            task, to: h, expected: durations.expected(family: graph.family[task.position]),
            share: terms.share(number), cores: cores(number))
        if leases.holders[h].lane == .fork || leases.holders[h].given >= settings.tasksPerWorker {
            leases.isToLeave(leases.holders[h].id)
        }
        move(task.position, to: .running, reason(of: task))
        follow(task)
    }

    /// The oldest suspended task that can go on with this worker, unless something better is ready.
    private mutating func resumable(on id: WorkerID, before best: ReadyQueue.Entry?) -> TaskIndex? {
        guard let waiting = resumable[id], !waiting.isEmpty, let h = leases.holders.first(where: { $0.id == id }) else {
            return nil
        }
        func entry(_ task: TaskIndex) -> ReadyQueue.Entry {
            .init(priority: graph.priority[task.position], order: graph.order[task.position], task: task.raw)
        }
        let fitting = waiting.indices.filter { fits(Int(graph.terms[waiting[$0].position]), in: h) }
        guard let place = fitting.max(by: { entry(waiting[$0]) < entry(waiting[$1]) }) else { return nil }
        if let best, entry(waiting[place]) < best { return nil }
        resumable[id]!.remove(at: place)
        return waiting[place]
    }
}
