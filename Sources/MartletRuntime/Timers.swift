import MartletModel

/// Tasks that wait for a moment, earliest first.
struct Timers {
    private var waiting: [(due: UInt64, task: TaskIndex)] = []

    /// When the next one is due, on the monotonic clock in nanoseconds.
    var next: UInt64? { waiting.first?.due }

    mutating func add(_ task: TaskIndex, due: UInt64) {
        let place = waiting.firstIndex { $0.due > due } ?? waiting.count
        waiting.insert((due, task), at: place)
    }

    mutating func take(dueBy now: UInt64) -> [TaskIndex] {
        let count = waiting.firstIndex { $0.due > now } ?? waiting.count
        defer { waiting.removeFirst(count) }
        return waiting[..<count].map(\.task)
    }
}
