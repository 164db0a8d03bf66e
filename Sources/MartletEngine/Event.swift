import MartletModel

/// What the world tells the engine.
public enum Event: Equatable, Sendable {
    /// What the reports say of tasks; before they are placed.
    case reported([TaskIndex: Standing])
    /// What is to be done about changes, by family; before its tasks are placed.
    case rerunsOn(Change, FamilyIndex)
    /// A workflow is content when all but so many of the tasks of its own family that it needs are made, and gives up
    /// those that have not begun when more than `failing` have failed; before it is planned.
    case allows(TaskIndex, lacking: Int, failing: Int?)
    /// Tasks were planned, in discovery order.
    case planned([PlannedTask])
    /// From here on tasks start, although more will be planned.
    case planOpened
    /// A task that was planned turns out not to be fit to run. Counts as long as it waits for others.
    case refused(TaskIndex)
    /// Every task is planned. `until`: families at which the run stops; empty for the whole graph.
    case planEnded(roots: [TaskIndex], until: Set<FamilyIndex>)
    /// A worker can take leases. `capacity`: how many tasks it runs at the same time. `ahead`: whether it may be handed
    /// more of them before their turn. `replaceable`: whether another can be had in its place.
    case workerJoined(WorkerID, lane: Lane, capacity: Int, ahead: Bool, replaceable: Bool = true)
    /// A worker is gone and takes no leases any more. The oldest of its leases is what it was running: its `ended`
    /// must follow.
    case workerLeft(WorkerID)
    /// Another takes the worker's place: it finishes what it holds, and goes on with what it keeps.
    case outdated(WorkerID)
    /// A lease ended.
    case ended(TaskIndex, Outcome)
    /// A worker gives a lease back: it was handed the task ahead of time, and has not begun it.
    case returned(TaskIndex)
    /// Tasks that run as one with this one, which leads them, do not: each is ready for itself again, and the leader runs with
    /// those that are left.
    case parted([TaskIndex], from: TaskIndex)
    /// Executions of a task have failed in earlier runs, which count as if they had been in this one.
    case triedBefore(TaskIndex, failed: Int)
    /// A running task asked for more: these tasks, planned by now. It keeps no lease; its worker keeps it half done.
    case suspended(TaskIndex, needs: [TaskIndex])
    /// The time that an `Action.wake` named is over.
    case woken(TaskIndex)
    /// The answer to `Action.claim`: nobody else may start these.
    case claimed([TaskIndex])
    /// The answer to `Action.claim`: another run holds these.
    case heldElsewhere([TaskIndex])
    /// Tasks that were held elsewhere, and are so no more.
    case letGo([TaskIndex])
    /// Tasks that were held elsewhere or asked for, looked at again: they are complete.
    case madeElsewhere([TaskIndex])
    /// … they cannot be looked at.
    case unreachable([TaskIndex])
    /// Too many jobs in a batch system have failed in the same way, and none has ended well meanwhile: what a further one would
    /// come to is known. `last`: the task of the last of them, where it had one.
    case jobsFailAlike(last: TaskIndex?)
    /// Someone wants the run to stop.
    case interrupted(Interruption)
}

public enum Interruption: Sendable {
    /// No new starts; what runs may finish.
    case gently
    /// What runs is to be interrupted too.
    case firmly
    /// What runs cannot be recorded any more: nothing new may start, since it would not count.
    case unrecordable
}

/// A task as the planner found it.
public struct PlannedTask: Equatable, Sendable {
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// Complete, nothing to do.
        case complete
        /// An output is not there.
        case outputAbsent
        /// Its own complete() said no.
        case incomplete
        /// Nothing to look at: runs whenever it is needed.
        case withoutOutputs
        /// Not complete, and made elsewhere.
        case externalAbsent
        /// requires(), output() or complete() raised.
        case broken
        /// Complete, and asked to run again.
        case forced
        /// Complete when everything it needs is: a wrapper.
        case gathers
        /// Its reports decide, and nothing else was looked at.
        case byReport
        /// Its reports decide; its outputs are there.
        case byReportThere
        /// Its reports decide; an output is not there.
        case byReportAbsent

        /// Whether the task's reports decide if it is complete.
        public var isByReport: Bool { self == .byReport || self == .byReportThere || self == .byReportAbsent }
        /// Whether it does not run unless something speaks for that.
        var isSettled: Bool { self == .complete || isByReport }
    }
    public var index: TaskIndex
    public var kind: Kind
    public var family: FamilyIndex
    /// Larger runs first; handed on to what the task needs.
    public var priority: Double
    /// From `Engine.number(of:)`.
    public var terms: Int
    public var dependencies: [TaskIndex]

    public init(
        _ index: TaskIndex, _ kind: Kind, family: FamilyIndex = FamilyIndex(UInt32(0)), priority: Double = 0,
        terms: Int = 0, dependencies: [TaskIndex] = []
    ) {
        self.index = index
        self.kind = kind
        self.family = family
        self.priority = priority
        self.terms = terms
        self.dependencies = dependencies
    }
}

/// How an execution ended.
public struct Outcome: Equatable, Sendable {
    public enum Kind: UInt8, CaseIterable, Sendable {
        case done
        /// The task's run() raised.
        case raised
        /// run() returned, and an output is not there.
        case outputsNotMade
        /// The process that ran it died or was killed.
        case workerLost
        /// Interrupted on request.
        case interrupted
        /// It could not be started at all: sandbox, batch system, program missing.
        case couldNotStart
        /// It took longer than its time limit.
        case timedOut
        /// The system took its memory away, or it could not get any.
        case outOfMemory
        /// Storage failed in a way that may be over soon.
        case storageTrouble
    }
    public var kind: Kind
    /// Seconds it took.
    public var wall: Double
    /// The process that ran it had better run no other: its memory has grown, or something was left in it.
    public var wornOut: Bool
    public init(_ kind: Kind, wall: Double = 0, wornOut: Bool = false) {
        self.kind = kind
        self.wall = wall
        self.wornOut = wornOut
    }
}

/// What the engine wants done.
public enum Action: Equatable, Sendable {
    case start(TaskIndex, on: WorkerID)
    /// A suspended task has what it asked for and goes on where it is.
    case resume(TaskIndex, on: WorkerID)
    /// A suspended task will not go on: what is kept of it can go.
    case forget(TaskIndex, on: WorkerID)
    /// Say `woken` after so many seconds.
    case wake(TaskIndex, after: Double)
    /// Claim these, so that no other run starts them; those up to `startingNow` are started as soon as they are claimed.
    case claim([TaskIndex], startingNow: Int)
    /// These need no claim any more: they have ended, one way or the other.
    case release([TaskIndex])
    /// More workers in this lane would have work.
    case wantWorkers(Int, Lane)
    /// The worker gets nothing more to do and is to end; it holds no lease and keeps no suspended task.
    case retire(WorkerID)
    /// These were handed to a batch system, and are not wanted any more: say `returned` of those that do not begin. What has begun
    /// goes on.
    case recall([TaskIndex])
    /// Interrupt every execution under way.
    case interruptRunning
    /// The graph has a cycle; nothing was started. Each task needs the next, the last the first.
    case cycle([TaskIndex])
    /// Every task has ended and no lease is out.
    case runEnded
}

extension Outcome.Kind {
    /// What is recorded as the reason of the end.
    public var reason: Reason.Code {
        switch self {
        case .done: return .succeeded
        case .raised: return .raised
        case .outputsNotMade: return .outputsNotMade
        case .workerLost: return .workerLost
        case .interrupted: return .interruptedWhileRunning
        case .couldNotStart: return .couldNotStart
        case .timedOut: return .timedOut
        case .outOfMemory: return .outOfMemory
        case .storageTrouble: return .storageTrouble
        }
    }
}

extension Action {
    /// The task that starts or goes on, if it is that.
    public var taskToRun: TaskIndex? {
        switch self {
        case .start(let task, _), .resume(let task, _): return task
        default: return nil
        }
    }
}
