import MartletModel

/// What a workflow puts up with: how many of its branches may lack when it is done, and after how many failures nothing
/// more of it is started. Its branches are those of the tasks it needs that are of its own family.
struct Allowance {
    /// Branches that may end without being made.
    var lacking: Int
    /// Branches that may fail before the others are given up; nil: all get their turn.
    var failing: Int?
    /// Branches that it does not wait for any more, since they will not be made.
    var spared = 0
    var failed = 0
    /// The failure that was one too many.
    var givenUp: TaskIndex?
}

extension Engine {
    /// Whether `i` is one of the branches of `workflow`.
    private func isBranch(_ i: Int, of workflow: Int) -> Bool {
        graph.family[i] == graph.family[workflow] && allowances[TaskIndex(workflow)] != nil
    }

    /// Counts a branch that will not be made against what its workflow puts up with.
    /// - Returns: false when it needs the branch.
    mutating func spares(_ i: Int, for workflow: Int) -> Bool {
        guard !allowances.isEmpty, isBranch(i, of: workflow) else { return false }
        let task = TaskIndex(workflow)
        guard allowances[task]!.spared < allowances[task]!.lacking else { return false }
        allowances[task]!.spared += 1
        return true
    }

    /// A branch has failed: when that is one too many, those that have not begun are given up.
    mutating func countFailure(of i: Int) {
        if allowances.isEmpty { return }
        var exceeded: [Int] = []
        graph.forEachDependent(of: i) { if isBranch(i, of: $0) { exceeded.append($0) } }
        exceeded = exceeded.filter { workflow in
            let task = TaskIndex(workflow)
            allowances[task]!.failed += 1
            guard let failing = allowances[task]!.failing, allowances[task]!.givenUp == nil else { return false }
            guard allowances[task]!.failed > failing else { return false }
            allowances[task]!.givenUp = TaskIndex(i)
            return true
        }
        for workflow in exceeded { giveUpBranches(of: workflow) }
        if exceeded.isEmpty { return }
        mayRecall = true
        sortOutReady()
    }

    private mutating func giveUpBranches(of workflow: Int) {
        var waiting: [Int] = []
        graph.forEachDependency(of: workflow) { d in
            let waits = states[d] == .waiting || states[d] == .delayed || states[d] == .elsewhere
            if waits && isBranch(d, of: workflow) { waiting.append(d) }
        }
        for i in waiting { _ = isGivenUp(i) }
    }

    /// A branch that has not begun, and whose workflow has seen too many failures, is withheld.
    /// - Returns: false when it may be started.
    mutating func isGivenUp(_ i: Int) -> Bool {
        guard let failure = givenUp(i) else { return false }
        untried[TaskIndex(i)] = nil
        move(i, to: .withheld, Reason(.branchesFailed, failure))
        block(dependentsOf: i, root: failure)
        return true
    }

    /// The failure that was one too many, of a branch that nobody needs any more.
    func givenUp(_ i: Int) -> TaskIndex? {
        if allowances.isEmpty { return nil }
        var wanted = false
        var failure: TaskIndex?
        graph.forEachDependent(of: i) { d in
            if isBranch(i, of: d), let one = allowances[TaskIndex(d)]!.givenUp { failure = one } else { wanted = true }
        }
        // somebody else may need the branch as well
        return wanted ? nil : failure
    }
}
