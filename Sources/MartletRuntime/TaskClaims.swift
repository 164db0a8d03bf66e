import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem

/// A run's dealings with other runs: claims what the engine wants claimed, watches what others hold, gives back what
/// has ended. Decides nothing: turns answers into the engine's events.
///
/// Whether a task that others had to do with is complete by now is asked of the caller (`toLookAt`), since targets are
/// Python's.
struct TaskClaims {
    /// A task that is to be looked at again.
    private struct Doubt {
        var task: TaskIndex
        /// It is claimed; else it is, or was, another run's.
        var isOurs: Bool
        var isFree: Bool
        /// Whoever had it says that it ran it.
        var isDone: Bool
    }

    private let table: any LeaseTable
    private var wanted: (tasks: [TaskIndex], startingNow: Int) = ([], 0)
    /// Tasks whose claim is to be answered.
    private var asked: [TaskIndex] = []
    private var digests: [TaskIndex: TaskDigest] = [:]
    /// Tasks that another run was seen to hold.
    private(set) var held: [TaskIndex: LeaseHolder] = [:]
    private var doubts: [Doubt] = []
    /// Who made the tasks that were made by others while this run was under way; nil: nobody knows.
    private var made: [TaskIndex: LeaseHolder?] = [:]
    private var traces: [TaskIndex: LeaseHolder] = [:]
    /// Of the tasks that are ours those that another run had to do with.
    private var inherited: Set<TaskIndex> = []

    private var nextWatch: UInt64 = 0
    private var watchPause = TaskClaims.shortestPause
    private var nextFullLook: UInt64 = 0
    private var fullLookPause = TaskClaims.shortestFullLook

    /// Nanoseconds between two looks at the claims of others; longer while nothing changes.
    private static let shortestPause: UInt64 = 20_000_000
    private static let longestPause: UInt64 = 1_000_000_000
    /// Nanoseconds between two looks at the outputs of everything that others hold.
    private static let shortestFullLook: UInt64 = 1_000_000_000
    private static let longestFullLook: UInt64 = 60_000_000_000

    /// Tasks run in the calling process: while one runs nothing else happens.
    private let here: Bool

    init(_ table: any LeaseTable, here: Bool = false) {
        self.table = table
        self.here = here
    }

    /// How the engine is to ask for claims. Where answers take time, more is claimed at once; and while one is awaited the
    /// calling process must not be lost to a task for hours.
    var settings: ClaimSettings {
        ClaimSettings(aheadSeconds: table.answersAtOnce ? 0.5 : 10, answeredAtOnce: table.answersAtOnce || here)
    }

    /// Before the first output is looked at.
    func observe() { table.observe() }

    func join(now: UInt64) throws(Diagnostic) { try table.join(now: now) }

    /// When something is to be done though nothing has happened; nil: nothing.
    var due: UInt64? {
        let watching = held.isEmpty || !doubts.isEmpty ? nil : min(nextWatch, nextFullLook)
        return [table.due, watching].compactMap(\.self).min()
    }

    /// What runs that are started within this one's tasks are told of it.
    var name: String? { table.name }

    // MARK: claiming

    mutating func want(_ tasks: [TaskIndex], startingNow: Int) { wanted = (tasks, startingNow) }

    var toClaim: [TaskIndex] { wanted.tasks }

    /// - Parameter ids: one for each task `toClaim`, in order.
    mutating func claim(_ ids: [TaskDigest], _ engine: Engine, now: UInt64) throws(Diagnostic) -> [Event] {
        asked = wanted.tasks
        for (task, id) in zip(asked, ids) { digests[task] = id }
        let startingNow = wanted.startingNow
        wanted = ([], 0)
        try table.claim(ids, startingNow: startingNow, now: now)
        return try answers(engine, now)
    }

    private mutating func answers(_ engine: Engine, _ now: UInt64) throws(Diagnostic) -> [Event] {
        guard let answers = try table.answers(now: now) else { return [] }
        var ours: [TaskIndex] = []
        var others: [TaskIndex] = []
        for (task, answer) in zip(asked, answers) {
            switch answer {
            case .ours: ours.append(task)
            case .oursAfter(let holder, let done):
                traces[task] = holder
                inherited.insert(task)
                doubts.append(Doubt(task: task, isOurs: true, isFree: true, isDone: done))
            case .held where FailPoint.leaseCheck.pass() == .skip: ours.append(task)
            case .held(let holder):
                others.append(task)
                // one that waits for something else is asked for again when its turn comes
                guard engine.states[task.position] == .ready else { continue }
                if held.isEmpty { startWatching(now) }
                held[task] = holder
            }
        }
        asked = []
        return [.claimed(ours), .heldElsewhere(others)]
    }

    /// Tasks that have ended, or are not needed any more.
    mutating func release(_ tasks: [TaskIndex], _ engine: Engine) throws(Diagnostic) {
        FailPoint.leaseRelease.pass()
        var done: [TaskDigest] = []
        var undone: [TaskDigest] = []
        for task in tasks {
            guard let digest = digests.removeValue(forKey: task) else { continue }
            traces[task] = nil
            inherited.remove(task)
            if engine.states[task.position] == .done { done.append(digest) } else { undone.append(digest) }
        }
        try table.release(done: done, undone: undone)
    }

    // MARK: watching

    private mutating func startWatching(_ now: UInt64) {
        watchPause = TaskClaims.shortestPause
        fullLookPause = TaskClaims.shortestFullLook
        nextWatch = now + watchPause
        nextFullLook = now + fullLookPause
    }

    /// Does what is due.
    mutating func turn(_ engine: Engine, now: UInt64) throws(Diagnostic) -> [Event] {
        let events = try answers(engine, now)
        guard doubts.isEmpty, !held.isEmpty, now >= min(nextWatch, nextFullLook) else { return events }
        let tasks = held.keys.sorted { $0.raw < $1.raw }
        let isFullLook = now >= nextFullLook
        var changed = false
        for (task, standing) in zip(tasks, try table.look(tasks.map { digests[$0]! }, now: now)) {
            switch standing {
            case .held(let holder):
                held[task] = holder
                if isFullLook { doubts.append(Doubt(task: task, isOurs: false, isFree: false, isDone: false)) }
            case .free(let holder, let done):
                changed = true
                traces[task] = holder ?? held[task]
                doubts.append(Doubt(task: task, isOurs: false, isFree: true, isDone: done))
            }
        }
        watchPause = changed ? TaskClaims.shortestPause : min(2 * watchPause, TaskClaims.longestPause)
        nextWatch = now + watchPause
        if isFullLook {
            fullLookPause = min(2 * fullLookPause, TaskClaims.longestFullLook)
            nextFullLook = now + fullLookPause
        }
        return events
    }

    // MARK: looking again

    /// Tasks whose completeness is to be asked again: `looked` must follow.
    var toLookAt: [TaskIndex] { doubts.map(\.task) }

    /// - Parameter kinds: what each task `toLookAt` was found to be, in order.
    mutating func looked(_ kinds: [PlannedTask.Kind]) -> [Event] {
        var claimed: [TaskIndex] = []
        var made: [TaskIndex] = []
        var unreachable: [TaskIndex] = []
        var free: [TaskIndex] = []
        for (doubt, kind) in zip(doubts, kinds) {
            if kind == .complete || (doubt.isDone && (kind == .withoutOutputs || kind == .gathers)) {
                made.append(doubt.task)
                self.made[doubt.task] = .some(traces[doubt.task] ?? held[doubt.task])
            } else if kind == .broken {
                unreachable.append(doubt.task)
            } else if doubt.isOurs {
                claimed.append(doubt.task)
            } else if doubt.isFree {
                free.append(doubt.task)
            } else {
                continue
            }
            held[doubt.task] = nil
            // what is ours keeps its digest until the engine gives it back
            if !doubt.isOurs { digests[doubt.task] = nil }
        }
        doubts = []
        return [.claimed(claimed), .madeElsewhere(made), .unreachable(unreachable), .letGo(free)]
    }

    // MARK: telling

    /// Whether another run had to do with a task that is ours.
    func hadOthers(_ task: TaskIndex) -> Bool { inherited.contains(task) }

    /// Who holds what this run waits for, and how much of it; most first.
    var waitsFor: [(holder: LeaseHolder, count: Int)] {
        var counts: [LeaseHolder: Int] = [:]
        for holder in held.values { counts[holder, default: 0] += 1 }
        return counts.map { (holder: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.holder.words) < ($0.count, $1.holder.words) }
    }

    /// For the summary: what others made.
    var notes: [String] {
        var counts: [LeaseHolder?: Int] = [:]
        for holder in made.values { counts[holder, default: 0] += 1 }
        return counts.map { holder, count in
            let what = count == 1 ? "1 task was" : "\(count) tasks were"
            return "\(what) made by another run" + (holder.map { " (\($0.words))" } ?? "") + " while this one was under way"
        }.sorted()
    }

    /// Gives everything back. Safe to call twice.
    func end(processesLeft: Bool) { table.end(processesLeft: processesLeft) }
}
