/// What a task has used up by the time that a job is submitted for it, or has ended: what a later run goes on from.
public struct JobTries: Equatable, Sendable {
    /// Executions that have failed.
    public var failed: Int
    /// How the last one failed, as the number of an outcome in a job's result, where its job is over and no other submitted: nobody
    /// has said yet whether it is worth another try. nil: it is tried.
    public var cause: UInt8?
    /// Bytes that its next job asks for; nil: as the task says itself.
    public var memory: UInt64?
    /// Seconds; nil: as the task says itself.
    public var walltime: Double?
    public var avoidedNodes: [String]

    public init(
        failed: Int = 0, cause: UInt8? = nil, memory: UInt64? = nil, walltime: Double? = nil, avoidedNodes: [String] = []
    ) {
        self.failed = failed
        self.cause = cause
        self.memory = memory
        self.walltime = walltime
        self.avoidedNodes = avoidedNodes
    }
}

/// What the job of a task has left that is over, where no other was submitted for it since.
public struct ClosedTries: Equatable, Sendable {
    public var tries: JobTries
    public var tag: String
    /// The batch system's name.
    public var system: String
    /// When that job was submitted, in seconds since 1970-01-01 UTC.
    public var submitted: Int64

    public init(_ tries: JobTries, tag: String, system: String, submitted: Int64) {
        self.tries = tries
        self.tag = tag
        self.system = system
        self.submitted = submitted
    }

    /// By task id. Of several submissions of a task the last one counts: that with the latest time, of those of one second the
    /// one that was read last.
    /// - Parameters:
    ///   - told: what was told of tasks whose jobs are over, by the tag of their submission, in order. One that has failed not
    ///     once is forgotten.
    ///   - entries: all submissions, closed ones too, in the order in which they were read.
    public static func all(of told: [String: [[String: JobTries]]], among entries: [LedgerEntry]) -> [String: ClosedTries] {
        if told.isEmpty { return [:] }
        var all: [String: (closed: ClosedTries, order: Int)] = [:]
        for (order, entry) in entries.enumerated() {
            for (task, tries) in told[entry.tag, default: []].lazy.joined() {
                if let known = all[task], known.closed.submitted > entry.time { continue }
                all[task] = (ClosedTries(tries, tag: entry.tag, system: entry.system, submitted: entry.time), order)
            }
        }
        for (order, entry) in entries.enumerated() {
            for task in entry.slices.tasks {
                guard let known = all[task] else { continue }
                if (entry.time, order) > (known.closed.submitted, known.order) { all[task] = nil }
            }
        }
        return all.mapValues(\.closed).filter { $0.value.tries.failed > 0 }
    }
}
