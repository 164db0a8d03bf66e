import MartletModel

/// What a task needs to start, and how it is treated when it does not end well. Thousands of tasks share a handful.
public struct Terms: Hashable, Sendable {
    public var lane: Lane
    public var resources: Resources
    public var retry: RetryPolicy
    /// Seconds that an execution may take; nil for as long as it likes.
    public var timeLimit: Double?
    public var share: Share
    /// Which tasks it may be run together with; nil for none.
    public var batch: BatchTerms?
    /// What it prints is kept in a file of its own.
    public var ownLog: Bool

    public init(
        lane: Lane = .worker, resources: Resources = Resources(), retry: RetryPolicy = .standard,
        timeLimit: Double? = nil, share: Share = Share(), batch: BatchTerms? = nil, ownLog: Bool = false
    ) {
        self.lane = lane
        self.resources = resources
        self.retry = retry
        self.timeLimit = timeLimit
        self.share = share
        self.batch = batch
        self.ownLog = ownLog
    }
}

/// A task's share of the machine it runs on.
public struct Share: Hashable, Sendable {
    /// Counts against `Settings.cores` while the task runs; 0 does not count.
    public var cores: Double
    /// Threads that numerical libraries may use in it; 0 leaves them as they are.
    public var threads: Int
    /// Devices that it did not ask for are out of its sight.
    public var hidesDevices: Bool

    public init(cores: Double = 0, threads: Int = 0, hidesDevices: Bool = false) {
        self.cores = cores
        self.threads = threads
        self.hidesDevices = hidesDevices
    }
}

/// Which failures are worth another try, how often, and after how long.
public struct RetryPolicy: Hashable, Sendable {
    /// Further tries after each kind of failure; kinds that are not named get none.
    public var retries: [Outcome.Kind: Int]
    /// Seconds before the first further try.
    public var delay: Double
    /// The next delay is this many times the last.
    public var backOff: Double
    /// No delay is longer, in seconds.
    public var longestDelay: Double
    /// After running out of memory, this resource is asked for `memoryFactor` times.
    public var memoryResource: String
    public var memoryFactor: Double
    /// The run goes on as long as a task waits for a further try; if not, it ends without that try once nothing else is
    /// left to be done.
    public var holdsRun: Bool

    public init(
        retries: [Outcome.Kind: Int] = [:], delay: Double = 0, backOff: Double = 2, longestDelay: Double = 3600,
        memoryResource: String = "memory_gb", memoryFactor: Double = 2, holdsRun: Bool = true
    ) {
        self.retries = retries
        self.delay = delay
        self.backOff = backOff
        self.longestDelay = longestDelay
        self.memoryResource = memoryResource
        self.memoryFactor = memoryFactor
        self.holdsRun = holdsRun
    }

    /// A lost process and running out of memory are tried once more, trouble with storage twice; what the task's own
    /// code raised, and its time limit, are not.
    public static let standard = RetryPolicy(retries: [.workerLost: 1, .outOfMemory: 1, .storageTrouble: 2])
    public static let never = RetryPolicy()

    /// Whether a task that has failed so often, the last time in this way, is worth another try.
    public func allowsAnother(after kind: Outcome.Kind, failed: Int) -> Bool { failed <= retries[kind] ?? 0 }

    /// Seconds to wait before try number `attempt` (2 is the first further one).
    func delay(before attempt: Int) -> Double {
        guard delay > 0 else { return 0 }
        var seconds = delay
        for _ in 2..<max(2, attempt) where seconds < longestDelay { seconds *= backOff }
        return min(seconds, longestDelay)
    }
}
