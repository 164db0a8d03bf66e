import MartletModel

/// When workers come and go. A task with devices of its own, or with a process of its own, needs a worker that has run
/// nothing else: libraries set themselves up once a process.
extension Engine {
    /// Ends a lease and gives back what it held. - Returns: false when nobody held it.
    mutating func endLease(_ task: TaskIndex) -> Bool {
        let i = task.position, expected = durations.expected(family: graph.family[i])
        guard leases.end(task, expected: expected, cores: cores(Int(graph.terms[i]))) else { return false }
        giveBack(task)
        return true
    }

    /// Whether the last free slot is for a task that goes before `entry`, and that this holder cannot take.
    func yields(_ holder: Leases.Holder, _ entry: ReadyQueue.Entry) -> Bool {
        guard terms.someNeedOtherProcesses, holder.lane != .batch, settings.slots - leases.busySlots <= 1 else {
            return false
        }
        let rival = ready.best(where: { number in
            let lane = terms.lane(number)
            if lane == holder.lane { return lane.hasProcesses && fits(number) && !fits(number, in: holder) }
            // those of the driver and child programs need nobody to come first
            return (lane == .apart || lane == .fork) && fits(number)
        })
        return rival.map { entry < $0.entry } ?? false
    }

    /// Asks for workers that would have work at once, in the lane of the most urgent task first.
    mutating func wantWorkers(_ actions: inout [Action]) {
        guard tasks(in: .ready) > 0, freeSlots > 0 else { return }
        guard terms.someNeedOtherProcesses else { return wantWorkers(in: .worker, &actions) }
        let urgent = [Lane.worker, .apart, .fork].compactMap { lane in
            ready.best(where: { terms.lane($0) == lane && fits($0) }).map { (lane: lane, entry: $0.entry) }
        }
        for (lane, _) in urgent.sorted(by: { $0.entry > $1.entry }) { wantWorkers(in: lane, &actions) }
    }

    private mutating func wantWorkers(in lane: Lane, _ actions: inout [Action]) {
        if lane == .worker && leases.holders.contains(where: { $0.lane == .worker && !$0.isReplaceable }) { return }
        let coming = awaited[lane] ?? 0
        let waiting = ready.count(where: { terms.lane($0) == lane && fits($0) })
        let wanted = min(waiting - coming, freeSlots)
        guard wanted > 0 else { return }
        // whoever is idle now could take none of them
        let idle = leases.holders.filter { lane != .fork && $0.lane == lane && $0.isIdle && !keepsTasks($0.id) }
        for id in idle.prefix(wanted).map(\.id) {
            leases.retire(id)
            actions.append(.retire(id))
        }
        awaited[lane] = coming + wanted
        actions.append(.wantWorkers(wanted, lane))
    }

    private var freeSlots: Int { settings.slots - leases.busySlots - awaited.values.reduce(0, +) }

    /// Lets those go that are to leave and hold nothing any more.
    mutating func retireThoseWhoLeave(_ actions: inout [Action]) {
        guard leases.someoneLeaves else { return }
        for id in leases.holders.filter({ $0.isLeaving && $0.isIdle && !keepsTasks($0.id) }).map(\.id) {
            leases.retire(id)
            actions.append(.retire(id))
        }
    }

    /// Whether suspended tasks are kept half done there.
    private func keepsTasks(_ id: WorkerID) -> Bool { homes.values.contains(id) }
}
