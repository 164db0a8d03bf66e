import MartletModel

extension Engine {
    /// What must hold between two events, whatever the world did. Looks at everything: for tests and simulation.
    /// - Returns: what does not hold, in words; empty when all is well.
    public func checkInvariants() -> [String] {
        guard !states.isEmpty, phase != .planning || settings.streams else { return [] }
        var wrong: [String] = []
        var held = Set<TaskIndex>()
        for holder in leases.holders {
            for task in holder.tasks {
                if !held.insert(task).inserted { wrong.append("task \(task) is leased twice") }
                if states[task.position] != .running { wrong.append("task \(task) is leased and \(states[task.position])") }
            }
            if !holder.ahead && holder.tasks.count > holder.capacity {
                wrong.append("\(holder.id) holds more than its capacity")
            }
        }
        for i in states.indices {
            let state = states[i], task = TaskIndex(i)
            if state == .running && !mayStart(i) { wrong.append("task \(task) runs and is not claimed") }
            if state == .running && !held.contains(task) && batches.leader(of: task) == nil {
                wrong.append("task \(task) runs without a lease")
            }
            var openNow = 0
            graph.forEachDependency(of: i) { if !states[$0].isComplete { openNow += 1 } }
            openNow -= allowances[task]?.spared ?? 0
            if (state == .running || state == .ready || state == .done) && openNow > 0 {
                wrong.append("task \(task) is \(state) before what it needs is complete")
            }
            if (state == .waiting || state == .suspended) && open[i] != UInt32(openNow) { wrong.append("task \(task) miscounts what it waits for") }
            if (state == .waiting || state == .suspended) && openNow == 0 { wrong.append("task \(task) waits for nothing") }
            if state.hasEnded && reason(of: task).code == .none { wrong.append("task \(task) ended without a reason") }
            if phase == .ended && !state.hasEnded && state != .unseen { wrong.append("the run ended, task \(task) did not") }
        }
        for r in terms.limit.indices where terms.taken[r] > terms.limit[r] + TermsTable.slack {
            wrong.append("resource \(r) exceeds its limit")
        }
        let inUse = terms.amounts(of: leases.holders.flatMap { $0.tasks.map { Int(graph.terms[$0.position]) } })
        for r in terms.limit.indices where abs(terms.taken[r] - inUse[r]) > 1e-6 {
            wrong.append("resource \(r): \(terms.taken[r]) is taken, leases hold \(inUse[r])")
        }
        wrong += wrongShares()
        wrong += wrongBatches()
        wrong += states.indices.filter { states[$0] == .ready && breaker.last(of: graph.family[$0]) != nil }
            .filter { homes[TaskIndex($0)] == nil && batches.leader(of: TaskIndex($0)) == nil }
            .map { "task \(TaskIndex($0)) may start although its family kills processes" }
        wrong += states.indices.filter { states[$0] == .ready && jobsHalted != nil && terms.lane(Int(graph.terms[$0])) == .batch }
            .filter { homes[TaskIndex($0)] == nil && batches.leader(of: TaskIndex($0)) == nil }
            .map { "task \(TaskIndex($0)) may be submitted although jobs fail alike" }
        if leases.busySlots > settings.slots { wrong.append("more slots are taken than there are") }
        var real = counts.map { [Int](repeating: 0, count: $0.count) }
        for i in states.indices where graph.isPlanned(i) { real[Int(graph.family[i])][Int(states[i].rawValue)] += 1 }
        if counts != real { wrong.append("the counts per family and state are \(counts), in truth \(real)") }
        return wrong
    }

    /// Cores and devices.
    private func wrongShares() -> [String] {
        var wrong: [String] = []
        var taken = devices.left.map { [Double](repeating: 0, count: $0.count) }
        var inUse = 0.0
        for holder in leases.holders {
            let each = holder.tasks.map { cores(Int(graph.terms[$0.position])) }
            inUse += holder.cores
            if holder.cores + TermsTable.slack < (holder.isOneByOne ? each.max() ?? 0 : each.reduce(0, +)) {
                wrong.append("\(holder.id) counts fewer cores than its tasks")
            }
            if holder.lane == .fork && holder.given > 1 { wrong.append("\(holder.id) was for one task and got \(holder.given)") }
            for task in holder.tasks {
                let choice = granted[task] ?? [:]
                for demand in terms.demands(Int(graph.terms[task.position])) {
                    if choice[demand.kind]?.count != demand.count { wrong.append("task \(task) lacks devices") }
                    for number in choice[demand.kind] ?? [] { taken[demand.kind][number] += demand.part }
                }
                if holder.isReplaceable && !choice.isEmpty && choice != holder.seen {
                    wrong.append("\(holder.id) runs task \(task) with devices that it is not bound to")
                }
            }
        }
        if granted.count > leases.count { wrong.append("devices are granted to tasks that do not run") }
        for (kind, devices) in taken.enumerated() {
            for (number, amount) in devices.enumerated() {
                if amount > 1 + TermsTable.slack { wrong.append("device \(number) is given to more than it can take") }
                if abs(1 - amount - self.devices.left[kind][number]) > 1e-6 { wrong.append("device \(number) is miscounted") }
            }
        }
        if inUse > settings.cores + TermsTable.slack { wrong.append("more cores are taken than there are") }
        if abs(inUse - leases.busyCores) > 1e-6 { wrong.append("cores are miscounted: \(leases.busyCores), in truth \(inUse)") }
        return wrong
    }
}
