import MartletModel

/// When executions under way must have ended. Decides nothing of the tasks: says which took too long.
///
/// Times are monotonic, in nanoseconds. What a task waits for what it asked for is not counted.
struct Deadlines {
    /// What is due.
    enum Due: Equatable {
        /// The time limit of the task is over: it is to end.
        case limit(TaskIndex)
        /// It has not ended since.
        case grace(TaskIndex)
    }

    private struct Watch {
        var limit: UInt64
        var began: UInt64
        var due: UInt64
        var isOver = false
    }

    /// How long a program may take to end after it was asked to, in nanoseconds.
    static let grace: UInt64 = 5_000_000_000

    private var running: [TaskIndex: Watch] = [:]
    /// What suspended tasks have used of their limit.
    private var used: [TaskIndex: UInt64] = [:]

    /// When the next one is due.
    var next: UInt64? { running.isEmpty ? nil : running.values.map(\.due).min() }

    /// - Parameter limit: seconds.
    mutating func start(_ task: TaskIndex, limit: Double, now: UInt64) {
        let limit = UInt64(min(max(limit, 0), 1e9) * 1e9)
        let left = limit - min(limit, used.removeValue(forKey: task) ?? 0)
        running[task] = Watch(limit: limit, began: now - (limit - left), due: now + left)
    }

    /// It waits for what it asked for.
    mutating func pause(_ task: TaskIndex, now: UInt64) {
        guard let watch = running.removeValue(forKey: task) else { return }
        used[task] = now - watch.began
    }

    mutating func end(_ task: TaskIndex) {
        if !running.isEmpty { running[task] = nil }
    }

    /// Whether the task has taken longer than it may, and was told to end.
    func isOver(_ task: TaskIndex) -> Bool { running[task]?.isOver ?? false }

    /// Each is told once.
    mutating func take(dueBy now: UInt64) -> [Due] {
        var due: [Due] = []
        for (task, watch) in running where watch.due <= now {
            due.append(watch.isOver ? .grace(task) : .limit(task))
            running[task]!.due = watch.isOver ? .max : now + Deadlines.grace
            running[task]!.isOver = true
        }
        return due
    }
}
