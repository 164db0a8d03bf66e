import MartletModel

/// What follows from a complete plan: which tasks run, which cannot, which nobody needs.
extension Engine {
    mutating func endPlan(roots: [TaskIndex], until: Set<FamilyIndex>, _ actions: inout [Action]) {
        layOut()
        precondition((0..<graph.count).allSatisfy(graph.isPlanned), "a task was named as a dependency and never planned")
        let sorted = graph.dependenciesFirst()
        guard sorted.count == graph.count else {
            phase = .ended
            actions.append(.cycle(graph.cycle(leftOutOf: sorted)))
            actions.append(.runEnded)
            return
        }
        var again = forcedAgain(sorted)
        let needed = needed(sorted, roots, again)
        let allowed = allowed(sorted, until)
        handOnPriorities(sorted)
        for raw in sorted {
            let i = Int(raw)
            place(i, again: &again, needed: needed[i], allowed: allowed[i])
        }
        phase = .running
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
            case .complete, .outputAbsent, .incomplete, .withoutOutputs, .gathers:
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
            guard needed[i], graph.kind[i] != .complete || again[i] != nil else { continue }
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
    private mutating func handOnPriorities(_ sorted: [UInt32]) {
        guard graph.priority.contains(where: { $0 != 0 }) else { return }
        for raw in sorted.reversed() {
            let urgency = graph.priority[Int(raw)]
            for dependency in graph.dependencies(of: Int(raw)) where graph.priority[Int(dependency)] < urgency {
                graph.priority[Int(dependency)] = urgency
            }
        }
    }

    /// Gives a task its first state. Everything it needs has its state already.
    private mutating func place(_ i: Int, again: inout [Reason?], needed: Bool, allowed: Bool) {
        let kind = graph.kind[i]
        if kind == .broken { return move(i, to: .broken, Reason(.planningFailed)) }
        if kind == .complete && again[i] == nil { return move(i, to: .present, Reason(.complete)) }
        if !needed { return move(i, to: .withheld, Reason(.notNeeded)) }
        if kind == .externalAbsent { return move(i, to: .missing, Reason(.externalAbsent)) }
        if !allowed { return move(i, to: .withheld, Reason(.beyondUntil)) }
        if !requirements.canEverFit(Int(graph.requirement[i])) { return move(i, to: .broken, Reason(.neverFits)) }
        let why = again[i] ?? Reason(kind.whyItRuns)
        var waitsFor: UInt32 = 0
        for dependency in graph.dependencies(of: i) {
            let d = Int(dependency)
            if states[d].blocksDependents {
                let root = states[d] == .blocked ? reason(of: TaskIndex(d)).subject : TaskIndex(d)
                return move(i, to: .blocked, Reason(.blockedBy, root))
            }
            if !states[d].isComplete { waitsFor += 1 }
        }
        if waitsFor == 0 && kind == .gathers && again[i] == nil {
            move(i, to: .present, Reason(.complete))
        } else if waitsFor == 0 {
            setReason(i, why)
            makeReady(i)
        } else {
            open[i] = waitsFor
            move(i, to: .waiting, why)
        }
    }
}

extension PlannedTask.Kind {
    fileprivate var whyItRuns: Reason.Code {
        switch self {
        case .complete: return .complete
        case .outputAbsent: return .outputAbsent
        case .incomplete: return .incomplete
        case .withoutOutputs: return .withoutOutputs
        case .externalAbsent: return .externalAbsent
        case .broken: return .planningFailed
        case .forced: return .forced
        case .gathers: return .gathers
        }
    }
}
