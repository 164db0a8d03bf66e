import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

@Suite struct RemoteJobsTests {
    @Test func whatTheLedgerLostIsTold() throws {
        let bench = try JobBench()
        bench.ledger.damage = [Diagnostic(.recordDamaged, subject: "ledger/x.jsonl, line 3")]
        bench.start(0)
        _ = try bench.turn()
        #expect(bench.remote.takeNotes() == ["batch system fake: ledger/x.jsonl, line 3: a damaged line was left out"])
    }

    @Test func submitsAsksAndCollects() throws {
        let bench = try JobBench()
        bench.start(7, 8)
        let ended = try bench.end()
        #expect(tasks(ended) == [7, 8] && ended.allSatisfy { $0.frame?.kind == .done })
        #expect(bench.batch.arrays.map(\.count) == [2])
        #expect(bench.ledger.how("t1") == ["finished", "finished"])
        #expect(bench.remote.isEmpty)
    }

    @Test func theTagIsInTheLedgerBeforeTheJobIsSubmitted() throws {
        let bench = try JobBench()
        bench.ledger.failing = ["intend"]
        bench.start(7)
        #expect(throws: Diagnostic.self) { try bench.turn() }
        #expect(bench.batch.tags.isEmpty)
        // nothing is forgotten: the caller learns which tasks were not submitted
        #expect(bench.remote.abandonWaiting() == [TaskIndex(7)])
    }

    @Test(arguments: ["accepted", "closed"]) func aLedgerThatFillsUpLosesNoJob(call: String) throws {
        let bench = try JobBench()
        bench.ledger.failing = [call]
        bench.start(7)
        #expect(tasks(try bench.end()) == [7])
        #expect(bench.remote.takeNotes().contains { $0.contains("No space left") })
    }

    // MARK: what is not known

    @Test func aSubmissionThatTimedOutButWasAcceptedIsFoundByItsTag() throws {
        let bench = try JobBench(grace: 5)
        bench.batch.inject(.actAndDoubt("timed out"), on: .submit)
        bench.start(7, 8)
        #expect(tasks(try bench.all()) == [7, 8])
        #expect(bench.batch.keys.count == 2)
        #expect(bench.ledger.ids["t1"]?.count == 2)
    }

    @Test func noListThatLagsIsBelieved() throws {
        let bench = try JobBench(grace: 10)
        bench.batch.inject(.actAndDoubt("timed out"), on: .submit)
        bench.batch.inject(.lag, on: .list, times: 4)
        bench.begin(command: "sleep")
        bench.start(7)
        for _ in 0..<15 { #expect(try bench.turn().isEmpty) }
        #expect(bench.batch.keys.count == 1)
        bench.leave("t1", 0, count: 1)
        bench.batch.end(JobKey("t1", 0), as: .succeeded)
        #expect(tasks(try bench.end()) == [7])
    }

    @Test func whatWasNeverAcceptedIsSubmittedAnewAfterAWhile() throws {
        let bench = try JobBench(grace: 10)
        bench.batch.inject(.doubt("timed out"), on: .submit)
        bench.start(7)
        #expect(tasks(try bench.all()) == [7])
        #expect(bench.batch.tags == ["t2"])
        #expect(bench.ledger.how("t1") == ["never accepted"])
    }

    @Test func whatIsNeverAnsweredIsGivenUp() throws {
        let bench = try JobBench(grace: 3)
        bench.batch.inject(.doubt("connection refused"), on: .submit, times: 3)
        bench.start(7)
        let ended = try bench.all(within: 60)
        #expect(ended.map(\.cause) == ["its job could not be submitted: connection refused"])
        #expect(bench.batch.tags.isEmpty)
    }

    @Test func noListWithAGapProvesAnything() throws {
        let bench = try JobBench(grace: 5)
        bench.batch.inject(.actAndDoubt("timed out"), on: .submit)
        bench.batch.inject(.unreachable, on: .list, times: 20)
        bench.begin(command: "sleep")
        bench.start(7)
        #expect(try bench.all(within: 60).isEmpty)
        #expect(bench.batch.keys.count == 1)
        #expect(bench.remote.takeNotes() == ["batch system fake: cannot be asked at the moment: the fake batch system is away"])
    }

    @Test func ofHalfAnArrayTheRestIsSubmittedAnew() throws {
        let bench = try JobBench(grace: 5)
        bench.batch.inject(.half("broke off"), on: .submit)
        bench.start(0, 1, 2, 3, 4)
        #expect(tasks(try bench.all()) == [0, 1, 2, 3, 4])
        #expect(bench.batch.arrays.map(\.count) == [5, 2] && bench.batch.keys.count == 5)
    }

    @Test func aRefusedJobIsTheTasksTrouble() throws {
        let bench = try JobBench()
        bench.batch.inject(.refuse("no such queue"), on: .submit)
        bench.start(7)
        let ended = try bench.end()
        #expect(ended.first?.cause.contains("no such queue") == true && ended.first?.kind == .couldNotStart)
        #expect(bench.ledger.how("t1") == ["refused"])
    }

    @Test(arguments: [FakeBatch.Fault.lag, .partial, .unreachable]) func badAnswersLoseNoJob(fault: FakeBatch.Fault) throws {
        let bench = try JobBench(grace: 5)
        bench.start(1, 2)
        bench.batch.inject(fault, on: .list, times: 4)
        let ended = try bench.all()
        #expect(tasks(ended) == [1, 2] && ended.allSatisfy { $0.frame != nil })
        #expect(bench.batch.arrays.count == 1)
    }

    @Test func aJobThatStaysAwayIsLost() throws {
        let bench = try JobBench(grace: 5)
        bench.batch.inject(.swallow, on: .submit)
        bench.start(7)
        let ended = try bench.end()
        #expect(ended.first?.cause.contains("knows nothing") == true && ended.first?.kind == .workerLost)
    }

    @Test func aForgottenJobThatLeftItsResultHasEnded() throws {
        let bench = try JobBench(grace: 3)
        bench.begin(command: "sleep")
        bench.start(7)
        _ = try bench.turn()
        bench.leave("t1", 0, count: 1)
        bench.batch.forget(JobKey("t1", 0))
        #expect(try bench.end().first?.frame?.kind == .done)
    }

    @Test func idsThatAreUsedAgainAreToldApart() throws {
        let bench = try JobBench()
        bench.start(1)
        #expect(tasks(try bench.end()) == [1])
        bench.batch.inject(.reuseIDs, on: .submit)
        bench.begin(command: "sleep")
        bench.start(2)
        #expect(try bench.all(within: 10).isEmpty)
        #expect(bench.ledger.ids["t2"] == bench.ledger.ids["t1"])
    }

    @Test func aResultThatIsSeenLateIsWaitedFor() throws {
        let bench = try JobBench(grace: 20)
        bench.leavesResults = false
        bench.start(7)
        #expect(try bench.all(within: 10).isEmpty)
        #expect(bench.batch.isOver(JobKey("t1", 0)))
        bench.leave("t1", 0, count: 1)
        #expect(try bench.end().first?.frame?.kind == .done)
    }

    @Test func aJobWithoutAResultHasFailed() throws {
        let bench = try JobBench(grace: 4)
        bench.leavesResults = false
        bench.start(7)
        let ended = try bench.end()
        #expect(ended.first?.kind == .workerLost && ended.first?.cause.hasPrefix("its job left no result on n1") == true)
    }

    @Test func aStageThatFailedIsToldInTheWordsOfItsLog() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        bench.start(7)
        _ = try bench.turn()
        let log = JobArray.log(of: 0, in: "\(bench.folder)/t1")
        try File.replace(log, with: Array("a word\nmartlet job: cannot make Fit: no such thing\n".utf8))
        bench.batch.end(JobKey("t1", 0), as: .exited(22))
        let ended = try bench.end().first
        #expect(ended?.cause == "its job failed: exit status 22 on n1: martlet job: cannot make Fit: no such thing")
        #expect(ended?.kind == .couldNotStart)
    }

    // MARK: other drivers

    @Test func theNextDriverGoesOnWithWhatTheLastOneSubmitted() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        bench.start(7)
        _ = try bench.turn()
        bench.begin()  // the first was killed
        bench.start(7)
        _ = try bench.turn()
        bench.leave("t1", 0, count: 1)
        bench.batch.end(JobKey("t1", 0), as: .succeeded)
        #expect(tasks(try bench.end()) == [7])
        #expect(bench.batch.tags == ["t1"])
    }

    @Test func anIntentionThatWasNeverAcceptedIsSubmittedAnew() throws {
        let bench = try JobBench(grace: 5)
        try bench.ledger.intend([LedgerEntry(tag: "old", system: "fake", time: 0, elements: [["A_3"]])])
        bench.start(3)
        #expect(tasks(try bench.all()) == [3])
        #expect(bench.batch.tags == ["t1"])
        #expect(bench.ledger.how("old") == ["never accepted"])
    }

    @Test func nothingIsSubmittedForATaskWhoseOldJobMayBeThere() throws {
        let bench = try JobBench(grace: 5)
        bench.begin(command: "sleep")
        bench.batch.inject(.actAndDoubt("killed meanwhile"), on: .submit)
        bench.start(7)
        _ = try bench.turn()
        bench.begin()
        bench.batch.inject(.unreachable, on: .list, times: 30)
        bench.start(7, 8)
        for _ in 0..<20 { _ = try bench.turn() }
        #expect(bench.batch.tags == ["t1", "t2"], "8 is nobody's, 7 may be there")
        #expect(bench.batch.keys.count == 2)
    }

    @Test func whatALivingDriverIsAboutToSubmitIsLeftAlone() throws {
        let bench = try JobBench()
        try bench.ledger.intend([LedgerEntry(tag: "theirs", system: "fake", time: 0, elements: [["B_1"]])])
        bench.start(0)
        #expect(tasks(try bench.end()) == [0])
        #expect(bench.ledger.how("theirs").isEmpty)
    }

    @Test func theJobOfADriverThatDiedMeanwhileIsAdopted() throws {
        let bench = try JobBench()
        bench.start(0)
        #expect(tasks(try bench.end()) == [0])
        let ours = bench.remote
        bench.begin(command: "sleep")
        bench.start(5)
        _ = try bench.turn()
        bench.remote = ours  // the other was killed; its lease is ours now
        bench.start(5, wasElsewhere: true)
        _ = try bench.turn()
        bench.leave("t2", 0, count: 1)
        bench.batch.end(JobKey("t2", 0), as: .succeeded)
        #expect(tasks(try bench.end()) == [5])
        #expect(bench.batch.tags == ["t1", "t2"])
    }

    // MARK: slices and limits

    @Test func jobsRunSlicesOfTasks() throws {
        let bench = try JobBench(tasksPerJob: 3)
        bench.start(0, 1, 2, 3, 4)
        #expect(tasks(try bench.end()) == [0, 1, 2, 3, 4])
        #expect(bench.batch.arrays.map(\.count) == [2])
        #expect(bench.ledger.entries[0].elements == [["A_0", "A_1", "A_2"], ["A_3", "A_4"]])
    }

    @Test func ofAJobThatDiesTheTaskAtWorkIsLostAndTheRestIsSubmittedAnew() throws {
        let bench = try JobBench(tasksPerJob: 4)
        bench.begin(tasksPerJob: 4, command: "sleep")
        bench.start(0, 1, 2, 3)
        _ = try bench.turn()
        bench.leave("t1", 0, count: 1)
        bench.batch.end(JobKey("t1", 0), as: .outOfMemory)
        let ended = try bench.end()
        #expect(ended.map(\.task.position) == [0, 1])
        #expect(ended.map { $0.frame?.kind ?? $0.kind } == [.done, .outOfMemory])
        _ = try bench.turn()
        #expect(bench.ledger.entries.last?.elements == [["A_2", "A_3"]])
    }

    @Test func jobsAreCutIntoArraysAndLimited() throws {
        let bench = try JobBench(mostElements: 2)
        bench.begin(parallelJobs: 5, command: "sleep")
        for task in 0..<12 { bench.start(task) }
        _ = try bench.turn()
        #expect(bench.batch.arrays.map(\.count) == [2, 2, 1])
        bench.leave("t1", 0, count: 1)
        bench.batch.end(JobKey("t1", 0), as: .succeeded)
        #expect(tasks(try bench.end()) == [0])
        _ = try bench.turn()
        #expect(bench.batch.arrays.map(\.count) == [2, 2, 1, 1])
    }

    @Test func tasksThatAskForDifferentThingsAreInDifferentArrays() throws {
        let bench = try JobBench()
        bench.start(0, 1, memory: 1 << 30)
        bench.start(2, memory: 2 << 30)
        _ = try bench.turn()
        #expect(bench.batch.arrays.map(\.options.memory) == [1 << 30, 2 << 30])
        #expect(bench.batch.arrays.map(\.count) == [2, 1])
    }
}
