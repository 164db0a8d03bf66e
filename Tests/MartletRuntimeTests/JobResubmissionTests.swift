import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletEngine
@testable import MartletRuntime

/// Other jobs for tasks whose jobs hang, are held, or have ended without doing them. The first run has gone by then.
@Suite struct JobResubmissionTests {
    /// Jobs `t1.0`, `t1.1`, … that run and do not end.
    private func hanging(_ count: Int, tasksPerJob: Int = 1, memory: UInt64? = nil) throws -> JobBench {
        let bench = try JobBench(tasksPerJob: tasksPerJob)
        bench.begin(tasksPerJob: tasksPerJob, command: "sleep")
        for task in 0..<count { bench.start(task, memory: memory) }
        for _ in 0..<4 { _ = try bench.turn() }
        return bench
    }

    private func alive(_ bench: JobBench) -> [String] { bench.batch.keys.filter { !bench.batch.isOver($0) }.map(\.text) }

    @Test func oneThatHangsGetsAnotherJobWhenItIsGone() throws {
        let bench = try hanging(3, memory: 1_000_000)
        var more = JobOptions()
        (more.memory, more.queue, more.extra) = (8_000_000, "long", ["--account=higgs"])
        let fates = try bench.resubmit([JobKey("t1", 1)], changes: more)
        #expect(fates.map(\.fate) == [.submitted(["t2.0"])] && fates[0].tasks == ["A_1"])
        #expect(alive(bench) == ["t1.0", "t1.2", "t2.0"])
        #expect(bench.ledger.how("t1") == ["resubmitted"])
        let options = bench.batch.arrays[1].options
        #expect(options.memory == 8_000_000 && options.queue == "long" && options.extra == ["--account=higgs"])
        // the next run knows what it asked for, and counts from nothing
        #expect(bench.ledger.entries[1].slices.tries == ["A_1": JobTries(memory: 8_000_000)])
        // and once more, which knows what the second asked for
        #expect(try bench.resubmit([JobKey("t2", 0)]).map(\.fate) == [.submitted(["t3.0"])])
        #expect(bench.batch.arrays[2].options.memory == 8_000_000)
    }

    @Test func itsDescriptionIsWhatItWasAndOneMoreTry() throws {
        let bench = try hanging(1)
        _ = try bench.resubmit([JobKey("t1", 0)])
        let told = try DescribedJobs(in: "\(bench.folder)/t2").task(0, of: 0)
        #expect(told?["task"]?.string == "A_0" && told?["claims"]?.array?.count == 1)
        let first = try JSON.parse(String(decoding: try File.read("\(bench.folder)/t2/job.json").prefix { $0 != 10 }, as: UTF8.self))
        #expect(first["tag"]?.string == "t2")
    }

    @Test func whatItHasDoneStays() throws {
        let bench = try hanging(3, tasksPerJob: 3)
        bench.leave("t1", 0, count: 2)
        let fates = try bench.resubmit([JobKey("t1", 0)])
        #expect(fates.map(\.tasks) == [["A_2"]] && bench.ledger.entries[1].slices.elements == [["A_2"]])
        // the next run collects the two
        bench.begin(tasksPerJob: 3)
        bench.start(0, 1)
        #expect(try bench.all().map(\.task.position).sorted() == [0, 1])
        #expect(bench.batch.arrays.count == 2)
    }

    @Test func whoIsDoneHasDoneItsPart() throws {
        let bench = try hanging(2)
        bench.leave("t1", 0, count: 1)
        bench.batch.end(JobKey("t1", 0), as: .succeeded)
        bench.batch.end(JobKey("t1", 1), as: .exited(1))
        let fates = try bench.resubmit([JobKey("t1", 0), JobKey("t1", 1)], onlyFailed: true)
        #expect(fates.map(\.fate) == [.complete, .submitted(["t2.0"])])
        #expect(try bench.openKeys() == [JobKey("t1", 0), JobKey("t2", 0)])
    }

    @Test func ofFailedOnesThoseThatGoOnAreLeftAlone() throws {
        let bench = try hanging(2)
        let fates = try bench.resubmit([JobKey("t1", 0)], onlyFailed: true)
        guard case .refused(let why, _) = fates[0].fate else { return #expect(Bool(false)) }
        #expect(why.contains("has not ended") && alive(bench) == ["t1.0", "t1.1"] && bench.batch.arrays.count == 1)
    }

    @Test func oneThatIsHeldIsCancelledFirst() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        bench.batch.inject(.hold("no room"), on: .submit)
        bench.start(0)
        _ = try bench.turn()
        bench.batch.step()
        #expect(try bench.resubmit([JobKey("t1", 0)], onlyFailed: true).map(\.fate) == [.submitted(["t2.0"])])
        #expect(bench.batch.isOver(JobKey("t1", 0)) && alive(bench) == ["t2.0"])
    }

    @Test func aRunThatIsAtWorkKeepsItsJobs() throws {
        let bench = try hanging(2), leases = FakeLeases()
        leases.held = [TaskDigest(of: "A_0")]
        let fates = try bench.resubmit([JobKey("t1", 0), JobKey("t1", 1)], leases: leases)
        guard case .refused(let why, let hint) = fates[0].fate else { return #expect(Bool(false)) }
        #expect(why.contains("pid 4711 on elsewhere") && hint.hasPrefix("martlet jobs cancel t1.0"))
        #expect(fates[1].fate == .submitted(["t2.0"]) && alive(bench) == ["t1.0", "t2.0"])
        #expect(leases.everClaimed == [TaskDigest(of: "A_1")] && leases.ours.isEmpty)
    }

    @Test func whatAnotherHasTakenMeanwhileIsSeenInTheLedger() throws {
        let bench = try hanging(1), leases = FakeLeases()
        leases.onClaim = { bench.ledger.ends["t1"] = [0: [0: "resubmitted"]] }
        #expect(try bench.resubmit([JobKey("t1", 0)], leases: leases).map(\.fate) == [.complete])
        #expect(bench.batch.arrays.count == 1 && alive(bench) == ["t1.0"])
    }

    @Test(arguments: [FakeBatch.Fault.unreachable, .partial]) func nothingIsSubmittedWhereListsMayLackIt(fault: FakeBatch.Fault) throws {
        let bench = try hanging(2)
        bench.batch.forget(JobKey("t1", 1))
        bench.batch.inject(fault, on: .list, times: 2000)
        let fates = try bench.resubmit([JobKey("t1", 1)])
        guard case .refused(let why, _) = fates[0].fate else { return #expect(Bool(false)) }
        #expect(why.contains("it is not gone") && bench.batch.arrays.count == 1 && bench.ledger.how("t1").isEmpty)
    }

    @Test func oneThatCannotBeCancelledKeepsItsTasks() throws {
        let bench = try hanging(1)
        bench.batch.inject(.refuse("not yours"), on: .cancel, times: 100)
        let fates = try bench.resubmit([JobKey("t1", 0)])
        guard case .refused(let why, _) = fates[0].fate else { return #expect(Bool(false)) }
        #expect(why.contains("not yours") && alive(bench) == ["t1.0"] && bench.batch.arrays.count == 1)
    }

    @Test func whatTheSystemHasForgottenIsGoneOnlyWhenListsCannotBeLate() throws {
        let bench = try hanging(1)
        bench.grace = 30
        bench.batch.forget(JobKey("t1", 0))
        let before = bench.clock.monotonic()
        #expect(try bench.resubmit([JobKey("t1", 0)], onlyFailed: true).map(\.fate) == [.submitted(["t2.0"])])
        #expect(bench.clock.monotonic() - before >= 30_000_000_000)
    }

    @Test func anAnswerThatIsLostLeavesTheJobToTheNextRun() throws {
        let bench = try hanging(1)
        bench.batch.inject(.actAndDoubt("timed out"), on: .submit)
        // the two questions until the old one is gone are answered, and no more
        bench.batch.inject(.slow(looks: 0), on: .list, times: 2)
        bench.batch.inject(.unreachable, on: .list)
        let fates = try bench.resubmit([JobKey("t1", 0)])
        #expect(fates.map(\.fate) == [.uncertain(["t2.0"], why: "timed out")])
        bench.begin(command: "sleep")
        bench.start(0)
        _ = try bench.all()
        #expect(bench.batch.arrays.count == 2 && bench.ledger.ids["t2"]?.count == 1)
    }

    @Test func whatIsRefusedIsTheNextRunsToSubmit() throws {
        let bench = try hanging(1)
        bench.batch.inject(.refuse("invalid account"), on: .submit)
        guard case .unsubmitted(let why) = try bench.resubmit([JobKey("t1", 0)])[0].fate else { return #expect(Bool(false)) }
        #expect(why.contains("invalid account"))
        #expect(try bench.openKeys().isEmpty)
    }

    @Test func aSystemThatIsAwayIsToldOf() throws {
        let bench = try hanging(1)
        bench.batch.inject(.unreachable, on: .submit)
        guard case .unsubmitted(let why) = try bench.resubmit([JobKey("t1", 0)])[0].fate else { return #expect(Bool(false)) }
        #expect(why.contains("cannot be reached"))
        #expect(try bench.openKeys().isEmpty)
    }

    @Test func aTrialTouchesNothing() throws {
        let bench = try hanging(2, memory: 5_000_000), leases = FakeLeases()
        leases.held = [TaskDigest(of: "A_1")]
        let fates = try bench.resubmit([JobKey("t1", 0), JobKey("t1", 1)], isTrial: true, leases: leases)
        var asked = JobOptions()
        asked.memory = 5_000_000
        #expect(fates[0].fate == .wanted(asked) && fates[1].isTrouble)
        #expect(!leases.hasJoined && alive(bench) == ["t1.0", "t1.1"] && bench.ledger.entries.count == 1)
    }

    @Test func jobsOfOlderVersionsAreRefused() throws {
        let bench = try hanging(1)
        try File.remove("\(bench.folder)/t1/array.json")
        guard case .refused(_, let hint) = try bench.resubmit([JobKey("t1", 0)])[0].fate else { return #expect(Bool(false)) }
        #expect(hint.contains("run its task again") && alive(bench) == ["t1.0"])
    }

    @Test func aTaskThatIsOpenInTwoSubmissionsGetsOneJob() throws {
        let bench = try hanging(1)
        // as a driver leaves it that dies between two records
        bench.begin(command: "sleep")
        bench.ledger.entries[0].slices.elements = [["B_0"]]
        bench.start(0)
        for _ in 0..<3 { _ = try bench.turn() }
        bench.ledger.entries[0].slices.elements = [["A_0"]]
        #expect(alive(bench) == ["t1.0", "t2.0"])
        _ = try bench.resubmit([JobKey("t1", 0), JobKey("t2", 0)])
        #expect(alive(bench) == ["t3.0"])
    }

    @Test func pilotsAreFollowedByPilots() throws {
        let bench = try JobBench()
        bench.begin(pilots: 2)
        for task in 0..<8 { bench.start(task) }
        var left = Set(0..<8)
        for _ in 0..<4 { for end in try bench.turn() { left.remove(end.task.position) } }
        let finished = bench.pilots.finished.count
        let fates = try bench.resubmit([JobKey("t1", 0), JobKey("t1", 1)])
        #expect(fates.allSatisfy { $0.fate == .submitted(["t2"]) } && bench.ledger.entries[1].pilots == 2)
        #expect(bench.ledger.entries[1].slices.elements.count == 8 - finished)
        bench.begin(pilots: 2)
        for task in left { bench.start(task) }
        _ = try bench.all()
        #expect(bench.pilots.finished.count == 8 && bench.pilots.finished.values.allSatisfy { $0 == 1 })
        #expect(bench.batch.arrays.count == 2)
    }

    @Test func onePilotOfTwoLeavesTheOtherItsShare() throws {
        let bench = try JobBench()
        bench.begin(pilots: 2)
        for task in 0..<10 { bench.start(task) }
        var left = Set(0..<10)
        for _ in 0..<3 { for end in try bench.turn() { left.remove(end.task.position) } }
        #expect(try bench.resubmit([JobKey("t1", 1)]).map(\.fate) == [.submitted(["t2"])])
        #expect(bench.ledger.entries[1].pilots == 1 && bench.ledger.entries[1].slices.elements.count < 10)
        bench.begin(pilots: 2)
        for task in left { bench.start(task) }
        _ = try bench.all()
        #expect(bench.pilots.finished.count == 10 && bench.pilots.finished.values.allSatisfy { $0 == 1 })
    }
}
