import MartletModel

/// What follows from a complete plan: which tasks run, which cannot, which nobody needs.
extension Engine {
    mutating func endPlan(roots: [TaskIndex], until: Set<FamilyIndex>, _ actions: inout [Action]) {
        precondition((0..<graph.count).allSatisfy(graph.isPlanned), "a task was named as a dependency and never planned")
        phase = .running
        let sorted = graph.dependenciesFirst()
        if sorted.count < graph.count {
            guard settings.streams || settings.runsAroundCycles else {
                var isLeftOut = [Bool](repeating: true, count: graph.count)
                for i in sorted { isLeftOut[Int(i)] = false }
                actions.append(.cycle(graph.cycles(among: isLeftOut)[0]))
                layOut()
                for i in 0..<graph.count { count(i) }
                phase = .ended
                actions.append(.runEnded)
                return
            }
            if !settings.streams { placeAsFound(sorted) }
            breakUpCycles(&actions)
        }
        if settings.streams { enqueueAwaiting() } else if sorted.count == graph.count { placeAll(sorted, roots, until) }
    }

    /// Ends the tasks of cycles and what needs them; all others go on.
    private mutating func breakUpCycles(_ actions: inout [Action]) {
        let stuck = graph.stuck(among: states.map { $0 == .waiting || $0 == .suspended })
        for cycle in graph.cycles(among: stuck) {
            let waiting = cycle.filter { states[$0.position] == .waiting }
            if waiting.isEmpty { continue }
            actions.append(.cycle(cycle))
            for task in waiting { move(task.position, to: .broken, Reason(.cycle)) }
            for task in waiting { block(dependentsOf: task.position, root: task) }
        }
    }

    private mutating func placeAll(_ sorted: [UInt32], _ roots: [TaskIndex], _ until: Set<FamilyIndex>) {
        layOut()
        for i in 0..<graph.count { count(i) }
        var again = forcedAgain(sorted)
        judge(sorted.map { Int($0) }, &again)
        var needed = needed(sorted, roots, again)
        spreadChanges(&again, &needed)
        let allowed = allowed(sorted, until)
        handOnPriorities(sorted)
        for raw in sorted {
            let i = Int(raw)
            place(i, again: again[i], needed: needed[i], allowed: allowed[i])
        }
    }

    /// For each task why it runs although it is complete: it was forced, or something it needs was.
    private func forcedAgain(_ sorted: [UInt32]) -> [Reason?] {
        var again = [Reason?](repeating: nil, count: graph.count)
        guard graph.kind.contains(.forced) else { return again }
        for raw in sorted {
            let i = Int(raw)
            switch graph.kind[i] {
            case .forced: again[i] = Reason(.forced)
            case .broken, .externalAbsent: break
            case .complete, .outputAbsent, .incomplete, .withoutOutputs, .gathers, .byReport, .byReportThere, .byReportAbsent:
                if let cause = graph.dependencies(of: i).first(where: { again[Int($0)] != nil }) {
                    again[i] = Reason(.dependencyForced, TaskIndex(cause))
                }
            }
        }
        return again
    }

    private func needed(_ sorted: [UInt32], _ roots: [TaskIndex], _ again: [Reason?]) -> [Bool] {
        var needed = [Bool](repeating: false, count: graph.count)
        for root in roots { needed[root.position] = true }
        for raw in sorted.reversed() {
            let i = Int(raw)
            guard needed[i], !graph.kind[i].isSettled || again[i] != nil else { continue }
            graph.forEachDependency(of: i) { needed[$0] = true }
        }
        return needed
    }

    /// With `--until`: tasks of these families and what they need, directly or through others.
    private func allowed(_ sorted: [UInt32], _ until: Set<FamilyIndex>) -> [Bool] {
        var allowed = [Bool](repeating: until.isEmpty, count: graph.count)
        guard !until.isEmpty else { return allowed }
        for raw in sorted.reversed() {
            let i = Int(raw)
            if until.contains(FamilyIndex(graph.family[i])) { allowed[i] = true }
            if allowed[i] { graph.forEachDependency(of: i) { allowed[$0] = true } }
        }
        return allowed
    }

    /// A task is as urgent as the most urgent one that needs it.
    mutating func handOnPriorities(_ sorted: [UInt32]) {
        guard graph.hasPriorities else { return }
        for raw in sorted.reversed() {
            let urgency = graph.priority[Int(raw)]
            for dependency in graph.dependencies(of: Int(raw)) where graph.priority[Int(dependency)] < urgency {
                graph.priority[Int(dependency)] = urgency
            }
        }
    }
}
