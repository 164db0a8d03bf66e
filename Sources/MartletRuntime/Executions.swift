import MartletEngine
import MartletModel

/// The executions under way: since when, how long they may take, where they print, and whose process is gone.
///
/// Decides nothing of the tasks. Times are monotonic, in nanoseconds.
struct Executions {
    var logs: TaskLogs
    private var startedAt: [TaskIndex: UInt64] = [:]
    private var deadlines = Deadlines()
    /// Those whose process is gone and whose report is awaited.
    private var lost: [TaskIndex: Loss] = [:]

    init(logs: TaskLogs) { self.logs = logs }

    /// - Parameter limit: seconds that it may take; nil: as long as it likes.
    mutating func begin(_ task: TaskIndex, limit: Double?, now: UInt64) {
        startedAt[task] = now
        if let limit { deadlines.start(task, limit: limit, now: now) }
    }

    /// It waits for what it asked for.
    mutating func pause(_ task: TaskIndex, now: UInt64) { deadlines.pause(task, now: now) }

    /// It was never begun.
    mutating func giveBack(_ task: TaskIndex) { startedAt[task] = nil }

    mutating func end(_ task: TaskIndex, log: Execution.LogSpan?) {
        startedAt[task] = nil
        logs.ended(task, log)
        deadlines.end(task)
    }

    /// Seconds since it was started.
    func age(of task: TaskIndex, now: UInt64) -> Double { Double(now - (startedAt[task] ?? now)) / 1e9 }

    // MARK: time limits

    /// Whether the task has taken longer than it may, and was told to end.
    func isOver(_ task: TaskIndex) -> Bool { deadlines.isOver(task) }

    /// When the next one must have ended.
    var nextDeadline: UInt64? { deadlines.next }

    mutating func takeOverdue(now: UInt64) -> [Deadlines.Due] { deadlines.take(dueBy: now) }

    // MARK: lost ones

    /// Its process is gone. - Returns: whom to ask for its report.
    mutating func lose(_ task: TaskIndex, _ loss: Loss) -> Driver.Request {
        lost[task] = loss
        guard deadlines.isOver(task) else { return .lost(task) }
        lost[task]!.kind = .timedOut
        lost[task]!.cause = nil
        return .timedOut(task)
    }

    /// Who ran the task whose process is gone.
    func loser(of task: TaskIndex) -> WorkerID? { lost.isEmpty ? nil : lost[task]?.worker }

    /// Adds what this side knows of an execution: where it printed, and how its process went.
    mutating func complete(_ one: inout EndedExecution, now: UInt64) {
        if one.log == nil { one.log = logs.span(one.worker, one.frame) }
        guard !lost.isEmpty, let loss = lost.removeValue(forKey: one.frame.task) else { return }
        one.frame.kind = loss.kind
        one.frame.text = loss.cause ?? one.frame.text
        one.frame.wall = age(of: one.frame.task, now: now)
        one.frame.start -= Int64(one.frame.wall * 1e9)
        one.log = loss.log
    }
}
