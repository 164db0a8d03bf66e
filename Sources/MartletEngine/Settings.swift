import MartletModel

/// What a run was asked to do, as far as decisions depend on it.
public struct Settings: Sendable {
    /// Tasks at a time on this machine: in workers and as child programs together.
    public var slots: Int
    /// After the first failure nothing new is started.
    public var failFast: Bool
    /// Tasks start while the rest is still being planned.
    public var streams: Bool
    /// What does not need a cycle runs although there is one; if not, nothing does. A run that streams has begun anyway.
    public var runsAroundCycles: Bool
    /// Limits of counted resources; one without a limit has one unit.
    public var limits: [String: Double]
    /// How many devices there are, by the name of the resource that asks for them: each is leased as itself.
    public var devices: [String: Int]
    /// What the cores of the tasks that run may come to.
    public var cores: Double
    /// A task that is expected to take longer has a log of its own, in seconds.
    public static let longTask = 60.0
    /// A worker is replaced after so many tasks.
    public var tasksPerWorker: Int
    /// A family is not started any more after its tasks have taken so many processes with them, and none ended well
    /// in between.
    public var lossesInARow: Int
    /// A worker is handed tasks ahead of time while those it holds are expected to take less than this together,
    /// in seconds. Nothing is handed ahead whose duration is not known yet.
    public var aheadSeconds: Double
    /// … and at most this many at once.
    public var aheadTasks: Int

    /// How tasks are claimed before they start; nil: they are not, this run is alone.
    public var claims: ClaimSettings?

    public init(
        slots: Int = 1, failFast: Bool = false, streams: Bool = false, runsAroundCycles: Bool = false, limits: [String: Double] = [:],
        devices: [String: Int] = [:], cores: Double = .infinity, tasksPerWorker: Int = .max,
        lossesInARow: Int? = nil,
        aheadSeconds: Double = 0.005, aheadTasks: Int = 64,
        claims: ClaimSettings? = nil
    ) {
        self.claims = claims
        self.slots = slots
        self.failFast = failFast
        self.streams = streams
        self.runsAroundCycles = runsAroundCycles
        self.limits = limits
        self.devices = devices
        self.cores = cores
        self.tasksPerWorker = tasksPerWorker
        // all workers may go at once for a reason that is none of the tasks', and again when they are tried again
        self.lossesInARow = lossesInARow ?? max(10, 3 * slots)
        self.aheadSeconds = aheadSeconds
        self.aheadTasks = aheadTasks
    }
}

/// How tasks are claimed where other runs may be at work on the same ones.
public struct ClaimSettings: Sendable {
    /// Tasks are claimed ahead of time while they are expected to take less than this together, in seconds a slot.
    public var aheadSeconds: Double
    /// … and at most this many at once.
    public var mostTasks: Int
    /// A claim is answered before anything else happens: then the order of starts is as if nothing were claimed.
    public var answeredAtOnce: Bool

    public init(aheadSeconds: Double = 0.5, mostTasks: Int = 4096, answeredAtOnce: Bool = true) {
        self.aheadSeconds = aheadSeconds
        self.mostTasks = mostTasks
        self.answeredAtOnce = answeredAtOnce
    }
}

/// Where a task runs. Each lane has workers of its own.
public enum Lane: UInt8, CaseIterable, Sendable {
    /// In a Python worker, or in the driver when there is one worker.
    case worker
    /// As a program of its own on this machine, inside a sandbox.
    case child
    /// As a job of a batch system; takes no slot of this machine.
    case batch
    /// In a Python worker though tasks run in the driver: what must be possible to end.
    case apart
    /// In a Python process that is forked for it and runs nothing else.
    case fork

    /// Whether its workers are Python processes, each of which runs one task at a time.
    public var hasProcesses: Bool { self == .worker || self == .apart || self == .fork }
}
