import MartletPorts

/// Collected jobs that the batch system still keeps, where it keeps files until it is told that nobody wants them.
///
/// It is told when the ledger has their ends: a later run does not ask about them. One question at a time is under way, so
/// that jobs which end one after the other do not cost one each. What the system refuses to remove is left to it.
struct JobDiscards {
    private var jobs: [JobKey: JobID] = [:]
    private var isUnderWay = false

    /// Nothing is left to be told, and nothing to be answered.
    var isEmpty: Bool { jobs.isEmpty && !isUnderWay }

    mutating func add(_ key: JobKey, _ id: JobID) { jobs[key] = id }

    /// What to ask now.
    mutating func take() -> BatchQuestion? {
        if jobs.isEmpty || isUnderWay { return nil }
        defer { jobs = [:] }
        isUnderWay = true
        return .discard(jobs)
    }

    mutating func answered() { isUnderWay = false }
}
