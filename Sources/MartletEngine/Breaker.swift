import MartletModel

/// Families whose tasks kill the processes that run them: after so many in a row no more of them are started.
struct Breaker {
    /// Processes lost with tasks of a family since one of it ended well.
    private var inARow: [UInt32: Int] = [:]
    /// The task that was lost last, of families that are not started any more.
    private var open: [UInt32: TaskIndex] = [:]

    func last(of family: UInt32) -> TaskIndex? { open.isEmpty ? nil : open[family] }

    mutating func succeeded(_ family: UInt32) {
        if !inARow.isEmpty { inARow[family] = nil }
    }

    /// - Returns: true when the family is not started any more from now on.
    mutating func lost(_ task: TaskIndex, of family: UInt32, limit: Int) -> Bool {
        inARow[family, default: 0] += 1
        guard open[family] == nil, inARow[family]! >= limit else { return false }
        open[family] = task
        return true
    }
}

extension Engine {
    /// Counts how an execution ended. Call before its task is tried again.
    mutating func count(_ outcome: Outcome, of task: TaskIndex) {
        let family = graph.family[task.position]
        if outcome.kind == .done {
            breaker.succeeded(family)
        } else if outcome.kind == .workerLost, breaker.lost(task, of: family, limit: settings.lossesInARow) {
            sortOutReady()
        }
    }

    /// A task that is ready stays out of the queue where its family kills processes.
    /// - Returns: false when it may be started.
    mutating func isPoisoned(_ i: Int) -> Bool {
        guard let last = breaker.last(of: graph.family[i]) else { return false }
        move(i, to: .withheld, Reason(.poisoned, last))
        block(dependentsOf: i, root: last)
        return true
    }

    /// Takes tasks out of the queue that may not be started any more; those that wait follow when they become ready.
    mutating func sortOutReady() {
        let kept = Set(resumable.values.joined())
        let queued = states.indices.filter {
            states[$0] == .ready && !kept.contains(TaskIndex($0)) && batches.leader(of: TaskIndex($0)) == nil
        }
        ready.removeAll()
        emptyUnclaimed()
        for i in queued where !isKeptBack(i) { enqueue(i) }
    }
}
