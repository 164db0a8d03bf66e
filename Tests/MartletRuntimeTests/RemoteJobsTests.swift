import MartletModel
import MartletPorts
import MartletTesting
import Testing

@testable import MartletRuntime

/// Keeps entries in memory; refuses to write when told to.
final class MemoryLedger: SubmissionLedger {
    var entries: [OpenJob] = []
    var closedTags: [String: String] = [:]
    var damage: [Diagnostic] = []
    /// Calls by name that fail: "intend", "submitted", "closed".
    var failing: Set<String> = []

    private func write(_ call: String) throws(Diagnostic) {
        if failing.contains(call) { throw Diagnostic(.recordUnwritable, subject: "ledger", cause: "No space left on device") }
    }
    func intend(_ new: [LedgerEntry]) throws(Diagnostic) {
        try write("intend")
        entries += new.map { OpenJob(entry: $0, job: nil) }
    }
    func submitted(tag: String, as job: JobID) throws(Diagnostic) {
        try write("submitted")
        for i in entries.indices where entries[i].entry.tag == tag { entries[i].job = job }
    }
    func closed(tag: String, how: String) throws(Diagnostic) {
        try write("closed")
        closedTags[tag] = how
    }
    func open() throws(Diagnostic) -> [OpenJob] { entries.filter { closedTags[$0.entry.tag] == nil } }
}

/// One driver's view of a batch system: time passes a second a turn.
private struct Bench {
    let batch: FakeBatch
    let ledger: MemoryLedger
    let remote: RemoteJobs
    var now: UInt64 = 0

    init(batch: FakeBatch = FakeBatch(), ledger: MemoryLedger = MemoryLedger()) {
        self.batch = batch
        self.ledger = ledger
        remote = RemoteJobs(system: batch, name: "fake", ledger: ledger)
    }

    mutating func turn(stepping: Bool = true) throws -> [EndedProgram] {
        now += 1_000_000_000
        if stepping { batch.step() }
        return try remote.turn(now: now)
    }

    /// Turns until something ended, or so often.
    mutating func end(within turns: Int = 12) throws -> [EndedProgram] {
        for _ in 0..<turns {
            let ended = try turn()
            if !ended.isEmpty { return ended }
        }
        return []
    }
}

private func request(_ tag: String, _ task: String = "A_1", command: String = "true") -> ProgramRequest {
    ProgramRequest(
        tag: tag, task: task, command: [command], sandbox: "", directory: "/", log: "/jobs/\(tag)/log",
        result: "/jobs/\(tag)/result", system: "fake")
}

@Suite struct RemoteJobsTests {
    @Test func whatTheLedgerLostIsTold() throws {
        var bench = Bench()
        bench.ledger.damage = [Diagnostic(.recordDamaged, subject: "ledger/x.jsonl, line 3")]
        bench.remote.start(TaskIndex(0), request("a"))
        _ = try bench.turn()
        #expect(bench.remote.takeNotes() == ["batch system fake: ledger/x.jsonl, line 3: a damaged line was left out"])
    }

    @Test func submitsAsksAndCollects() throws {
        var bench = Bench()
        bench.remote.start(TaskIndex(7), request("t1"))
        let ended = try bench.end()
        #expect(ended.map(\.task) == [TaskIndex(7)])
        #expect(ended.first?.trouble == nil)
        #expect(bench.ledger.closedTags["t1"] == "finished")
        #expect(bench.remote.isEmpty)
    }

    @Test func theTagIsInTheLedgerBeforeTheJobIsSubmitted() throws {
        var bench = Bench()
        bench.ledger.failing = ["intend"]
        bench.remote.start(TaskIndex(7), request("t1"))
        #expect(throws: Diagnostic.self) { try bench.turn() }
        #expect(bench.batch.tags.isEmpty)
        // nothing is forgotten: the caller learns which tasks were not submitted
        #expect(bench.remote.abandonWaiting() == [TaskIndex(7)])
    }

    @Test(arguments: ["submitted", "closed"])
    func aLedgerThatFillsUpLosesNoJob(call: String) throws {
        var bench = Bench()
        bench.ledger.failing = [call]
        bench.remote.start(TaskIndex(7), request("t1"))
        #expect(try bench.end().map(\.task) == [TaskIndex(7)])
        #expect(bench.remote.takeNotes().contains { $0.contains("No space left") })
    }

    @Test func aSubmissionThatFailedButWasAcceptedIsFoundByItsTag() throws {
        var bench = Bench()
        bench.batch.inject(.actAndFail(BatchError(.transient, "timed out")), on: .submit)
        bench.remote.start(TaskIndex(7), request("t1"))
        let ended = try bench.end()
        #expect(ended.map(\.trouble) == [nil])
        #expect(bench.batch.submissions(of: "t1") == 1)
    }

    @Test func itIsNotGivenUpWhileTheSystemCannotBeAsked() throws {
        var bench = Bench()
        bench.batch.inject(.actAndFail(BatchError(.transient, "timed out")), on: .submit)
        bench.remote.start(TaskIndex(7), request("t1"))
        _ = try bench.turn(stepping: false)
        bench.batch.inject(.unreachable, on: .find, times: 3)
        for _ in 0..<3 { #expect(try bench.turn(stepping: false).isEmpty) }
        #expect(try bench.end().map(\.trouble) == [nil])
        #expect(bench.batch.submissions(of: "t1") == 1)
    }

    @Test func aRefusedJobIsTheTasksTrouble() throws {
        var bench = Bench()
        bench.batch.inject(.refuse(BatchError(.refused, "no such queue")), on: .submit)
        bench.remote.start(TaskIndex(7), request("t1"))
        #expect(try bench.end().first?.trouble?.contains("no such queue") == true)
        #expect(bench.ledger.closedTags["t1"] == "refused")
    }

    @Test(arguments: [FakeBatch.Fault.forget, .partial, .unreachable])
    func oneBadAnswerLosesNoJob(fault: FakeBatch.Fault) throws {
        var bench = Bench()
        bench.remote.start(TaskIndex(1), request("t1", "A_1"))
        bench.remote.start(TaskIndex(2), request("t2", "A_2"))
        bench.batch.inject(fault, on: .query, times: 2)
        var ended: [EndedProgram] = []
        for _ in 0..<12 { ended += try bench.turn() }
        #expect(Set(ended.map(\.task)) == [TaskIndex(1), TaskIndex(2)])
        #expect(ended.allSatisfy { $0.trouble == nil })
    }

    @Test func aJobThatStaysAwayIsLost() throws {
        var bench = Bench()
        bench.batch.inject(.swallow, on: .submit)
        bench.remote.start(TaskIndex(7), request("t1"))
        #expect(try bench.end().first?.trouble?.contains("knows nothing") == true)
    }

    @Test func theNextDriverGoesOnWithWhatTheLastOneSubmitted() throws {
        let batch = FakeBatch(), ledger = MemoryLedger()
        var first = Bench(batch: batch, ledger: ledger)
        first.remote.start(TaskIndex(7), request("t1", command: "sleep"))
        _ = try first.turn()
        // killed here
        var second = Bench(batch: batch, ledger: ledger)
        second.remote.start(TaskIndex(3), request("t2"))
        _ = try second.turn()
        batch.end("t1", as: .finished)
        let ended = try second.end()
        #expect(ended.map(\.task) == [TaskIndex(3)])
        #expect(ended.first?.request.result == "/jobs/t1/result")
        #expect(batch.tags == ["t1"])
    }

    @Test func anIntentionThatWasNeverAcceptedIsSubmittedAnew() throws {
        let batch = FakeBatch(), ledger = MemoryLedger()
        try ledger.intend([LedgerEntry(tag: "t1", system: "fake", subject: "A_1")])
        // killed between intention and submission
        var second = Bench(batch: batch, ledger: ledger)
        second.remote.start(TaskIndex(3), request("t2"))
        #expect(try second.end().map(\.trouble) == [nil])
        #expect(batch.tags == ["t2"])
        #expect(ledger.closedTags["t1"] == "never accepted")
    }

    @Test func nothingIsSubmittedBeforeTheLastDriversJobsAreLookedUp() throws {
        let batch = FakeBatch(), ledger = MemoryLedger()
        var first = Bench(batch: batch, ledger: ledger)
        first.remote.start(TaskIndex(7), request("t1", command: "sleep"))
        _ = try first.turn()
        var second = Bench(batch: batch, ledger: ledger)
        batch.inject(.unreachable, on: .find, times: 2)
        second.remote.start(TaskIndex(3), request("t2"))
        for _ in 0..<4 { _ = try second.turn() }
        #expect(batch.tags == ["t1"])
    }

    @Test func whatALivingDriverIsAboutToSubmitIsLeftAlone() throws {
        let batch = FakeBatch(), ledger = MemoryLedger()
        try ledger.intend([LedgerEntry(tag: "theirs", system: "fake", subject: "B_1")])
        var ours = Bench(batch: batch, ledger: ledger)
        ours.remote.start(TaskIndex(0), request("t1"))
        #expect(try ours.end().map(\.trouble) == [nil])
        #expect(ledger.closedTags["theirs"] == nil)
    }

    @Test func theJobOfADriverThatDiedMeanwhileIsAdopted() throws {
        let batch = FakeBatch(), ledger = MemoryLedger()
        var ours = Bench(batch: batch, ledger: ledger)
        ours.remote.start(TaskIndex(0), request("t1"))
        _ = try ours.end()
        var theirs = Bench(batch: batch, ledger: ledger)
        theirs.remote.start(TaskIndex(7), request("theirs", "B_1", command: "sleep"))
        _ = try theirs.turn()
        // killed here; its lease is ours now
        ours.remote.start(TaskIndex(1), request("t2", "B_1"), wasElsewhere: true)
        _ = try ours.turn()
        batch.end("theirs", as: .finished)
        #expect(try ours.end().map(\.task) == [TaskIndex(1)])
        #expect(batch.tags == ["t1", "theirs"])
    }
}
