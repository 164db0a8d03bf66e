import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting

@testable import MartletRuntime

/// How much a command does before it is killed: from then on nothing of it reaches the world any more.
final class Life {
    /// Questions to the batch system, and records of the ledger; nil: as many as there are.
    var left: Int?
    init(_ left: Int? = nil) { self.left = left }

    /// Whether the next one is done.
    func takes() -> Bool {
        guard let left else { return true }
        self.left = max(0, left - 1)
        return left > 0
    }
}

/// A way to the batch system that its user's death closes.
final class MortalDesk: BatchSystem {
    private let desk: FakeBatch.Desk
    private let life: Life
    private var told: [BatchAnswer] = []
    init(_ desk: FakeBatch.Desk, _ life: Life) { (self.desk, self.life) = (desk, life) }

    var habits: BatchHabits { desk.habits }
    var descriptors: [Int32] { [] }
    func ask(_ question: BatchQuestion, now: UInt64) {
        if life.takes() { return desk.ask(question, now: now) }
        switch question {
        case .submit(let array): told.append(.submitted(tag: array.tag, Array(repeating: .uncertain("dead"), count: array.count)))
        case .list: told.append(.listed(BatchListing(jobs: [], gap: "dead")))
        case .collect(let jobs): told.append(.collected(jobs, missing: [:]))
        case .cancel(let jobs): told.append(.cancelled(Array(jobs.keys), refusal: "dead"))
        case .show, .discard: break
        }
    }
    func answers(now: UInt64) -> [BatchAnswer] {
        defer { told = [] }
        return desk.answers(now: now) + told
    }
    func close() { desk.close() }
}

/// A ledger in which the dead write nothing.
final class MortalLedger: SubmissionLedger {
    private let ledger: MemoryLedger
    private let life: Life
    init(_ ledger: MemoryLedger, _ life: Life) { (self.ledger, self.life) = (ledger, life) }

    func intend(_ entries: [LedgerEntry]) throws(Diagnostic) { if life.takes() { try ledger.intend(entries) } }
    func extend(tag: String, from first: Int, _ slices: LedgerSlices) throws(Diagnostic) {
        if life.takes() { try ledger.extend(tag: tag, from: first, slices) }
    }
    func accepted(tag: String, _ ids: [Int: JobID]) throws(Diagnostic) { if life.takes() { try ledger.accepted(tag: tag, ids) } }
    func closed(tag: String, _ ends: [LedgerEnd]) throws(Diagnostic) { if life.takes() { try ledger.closed(tag: tag, ends) } }
    func forget(tag: String, _ tasks: [String]) throws(Diagnostic) { if life.takes() { try ledger.forget(tag: tag, tasks) } }
    func open() throws(Diagnostic) -> [OpenSubmission] { try ledger.open() }
    var damage: [Diagnostic] { ledger.damage }
    var closedTries: [String: ClosedTries] { ledger.closedTries }
}

/// Claims that are answered at once; `holder` holds some tasks.
final class FakeLeases: LeaseTable {
    static let holder = LeaseHolder(host: "elsewhere", pid: 4711)
    var held: Set<TaskDigest> = []
    private(set) var ours: Set<TaskDigest> = []
    private(set) var everClaimed: Set<TaskDigest> = []
    private(set) var hasJoined = false
    private var asked: [TaskDigest]?
    /// What happens when claims have been made.
    var onClaim: () -> Void = {}

    var answersAtOnce: Bool { true }
    var name: String? { nil }
    var due: UInt64? { nil }
    func observe() {}
    func join(now: UInt64) { hasJoined = true }
    func claim(_ tasks: [TaskDigest], startingNow: Int, now: UInt64) {
        asked = tasks
        ours.formUnion(tasks.filter { !held.contains($0) })
        everClaimed.formUnion(ours)
        onClaim()
    }
    func answers(now: UInt64) -> [LeaseAnswer]? {
        defer { asked = nil }
        return asked?.map { held.contains($0) ? .held(FakeLeases.holder) : .ours }
    }
    func release(done: [TaskDigest], undone: [TaskDigest]) { ours.subtract(undone) }
    func look(_ tasks: [TaskDigest], now: UInt64) -> [LeaseStanding] {
        tasks.map { held.contains($0) ? .held(FakeLeases.holder) : .free(nil, done: false) }
    }
    func end(processesLeft: Bool) { ours = [] }
}

extension JobBench {
    /// Submits jobs again, as the command does; time passes while it waits.
    func resubmit(
        _ keys: [JobKey], onlyFailed: Bool = false, isTrial: Bool = false, changes: JobOptions = JobOptions(),
        life: Life = Life(), leases: FakeLeases? = nil, step: @escaping () -> Void = {}
    ) throws -> [ResubmittedJob] {
        var wish = JobResubmission.Wish()
        (wish.onlyFailed, wish.isTrial, wish.changes) = (onlyFailed, isTrial, changes)
        let adapters = Adapters(
            reports: { _, _ in fatalError("resubmission writes no reports") }, ledger: { [ledger] _, _ in MortalLedger(ledger, life) },
            batchSystem: { [self] _, _, _ in MortalDesk(batch.desk(grace: grace), life) },
            sandbox: { (name) throws(Diagnostic) in throw Diagnostic(.sandboxUnknown, subject: name) }, stores: Stores([]),
            clock: clock, newTag: { [self] in newTag() }, leases: { _ in leases }, segments: { [segments] _ in segments })
        var waited = 0.0
        let command = JobResubmission(in: scratch.path, adapters, wish) { [self] seconds in
            clock.advance(seconds: seconds)
            waited += seconds
            if waited < 0.2 { return }
            waited = 0
            batch.step()
            step()
        }
        return try command.run(keys)
    }

    /// Open jobs, as the ledger has them.
    func openKeys() throws -> [JobKey] {
        try ledger.open().flatMap { one in
            let indices = one.entry.pilots.map { (0..<$0).filter { !one.endedPilots.contains($0) } } ?? one.open.keys.sorted()
            return indices.map { JobKey(one.entry.tag, $0) }
        }
    }
}
