import MartletModel

/// What differs while tasks run and others are still being planned.
extension Engine {
    /// Gives every task that is planned by now its first state; those that are planned later get theirs as they come.
    mutating func openPlan() {
        precondition(phase == .planning && !settings.streams, "a plan opens once, before it ends")
        settings.streams = true
        placeAsFound(graph.dependenciesFirst())
    }

    /// Gives every task that is planned its first state, though what it needs may have none yet.
    /// - Parameter sorted: tasks after all they need; those on or behind a cycle may be left out.
    mutating func placeAsFound(_ sorted: [UInt32]) {
        layOut()
        handOnPriorities(sorted)
        for i in 0..<graph.count where graph.isPlanned(i) { place(i) }
    }

    /// New tasks are as urgent as what needs them, and make what they need as urgent.
    mutating func handOnPriorities(among tasks: [PlannedTask]) {
        for task in tasks {
            let i = task.index.position
            graph.forEachDependent(of: i) { d in
                if graph.priority[i] < graph.priority[d] { graph.priority[i] = graph.priority[d] }
            }
            handOnPriority(of: i)
        }
    }

    mutating func reorderReady() {
        hasNewUrgency = false
        let priority = graph.priority
        ready.reorder { priority[Int($0)] }
        claims.unclaimed.reorder { priority[Int($0)] }
    }

    mutating func refuse(_ task: TaskIndex) {
        guard task.position < states.count, states[task.position] == .waiting else { return }
        move(task.position, to: .broken, Reason(.planningFailed))
        block(dependentsOf: task.position, root: task)
    }
}
