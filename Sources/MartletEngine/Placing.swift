import MartletModel

/// The first state of a task.
extension Engine {
    /// Places a task that was just planned; some of what it needs may still be unknown.
    mutating func place(_ i: Int, again: Reason? = nil) {
        count(i)
        place(i, again: again, needed: true, allowed: true)
    }

    /// - Parameters:
    ///   - again: why it runs although it is complete.
    ///   - needed: whether something that runs needs it.
    ///   - allowed: whether it lies before where the run stops.
    mutating func place(_ i: Int, again: Reason?, needed: Bool, allowed: Bool) {
        let kind = graph.kind[i]
        if kind == .broken { return settle(i, .broken, Reason(.planningFailed)) }
        if kind.isSettled && again == nil { return settle(i, .present, Reason(.complete)) }
        // what it gathers is there, whether or not anybody wants it
        if !needed && kind == .gathers && allPresent(i) { return settle(i, .present, Reason(.complete)) }
        if !needed { return settle(i, .withheld, Reason(.notNeeded)) }
        if kind == .externalAbsent { return settle(i, .missing, Reason(.externalAbsent)) }
        if !allowed { return settle(i, .withheld, Reason(.beyondUntil)) }
        if !terms.canEverFit(Int(graph.terms[i])) { return settle(i, .broken, Reason(.neverFits)) }
        var waitsFor: UInt32 = 0
        var trouble: Int?
        graph.forEachDependency(of: i) { d in
            if states[d].isComplete || (states[d].willNotBeMade && spares(d, for: i)) { return }
            // in a plan that grows it may have ended before this was found
            let isGone = settings.streams && halted == nil && states[d] == .withheld
            if states[d].blocksDependents || isGone { trouble = trouble ?? d }
            waitsFor += 1
        }
        if let root = trouble { return settle(i, .blocked, Reason(.blockedBy, blockRoot(root))) }
        open[i] = waitsFor
        if waitsFor > 0 { return move(i, to: .waiting, again ?? Reason(kind.whyItRuns)) }
        if kind == .gathers && again == nil { return settle(i, .present, Reason(.complete)) }
        setReason(i, again ?? Reason(kind.whyItRuns))
        makeReady(i)
    }

    /// Ends a task where it stands, and tells those who wait for it.
    private mutating func settle(_ i: Int, _ state: TaskState, _ reason: Reason) {
        move(i, to: state, reason)
        if state.isComplete {
            release(dependentsOf: i)
        } else if state.blocksDependents {
            block(dependentsOf: i, root: reason.subject ?? TaskIndex(i))
        }
    }

    /// What a task needs is as urgent as itself.
    mutating func handOnPriority(of i: Int) {
        var next = [i]
        while let n = next.popLast() {
            let urgency = graph.priority[n]
            graph.forEachDependency(of: n) { d in
                if graph.priority[d] < urgency {
                    graph.priority[d] = urgency
                    if d < states.count && states[d] == .ready { hasNewUrgency = true }
                    next.append(d)
                }
            }
        }
    }
}

extension PlannedTask.Kind {
    var whyItRuns: Reason.Code {
        switch self {
        case .complete, .byReport, .byReportThere, .byReportAbsent: return .complete
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
