import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

@Suite struct PilotTests {
    private func bench(_ count: Int, pilots: Int = 2, tasksPerJob: Int = 1, grace: Double = 0, room: Int = .max) throws -> JobBench {
        let bench = try JobBench(grace: grace)
        bench.begin(parallelJobs: room, tasksPerJob: tasksPerJob, pilots: pilots)
        for task in 0..<count { bench.start(task) }
        return bench
    }

    private func key(_ bench: JobBench, _ tag: Int, _ index: Int) -> JobKey { JobKey("t\(tag)", index) }

    @Test func aFewJobsDoAll() throws {
        let bench = try bench(9)
        #expect(tasks(try bench.all()) == Array(0..<9))
        #expect(bench.batch.arrays.map(\.count) == [2])
        #expect(bench.ledger.entries.map(\.pilots) == [2] && bench.ledger.entries[0].elements.count == 9)
        #expect(bench.pilots.begun.values.allSatisfy { $0 == 1 } && bench.pilots.begun.count == 9)
        #expect(bench.ledger.how("t1") == Array(repeating: "finished", count: 9))
        #expect(bench.ledger.pilots["t1"] == [0: "finished", 1: "finished"])
        #expect(bench.remote.isEmpty)
    }

    @Test func outcomesArriveWhilePilotsRun() throws {
        let bench = try bench(9)
        let ended = try bench.end()
        #expect(!ended.isEmpty && ended.allSatisfy { $0.frame?.kind == .done && $0.log.hasSuffix("t1/\($0.task.position).log") })
        #expect(!bench.batch.isOver(key(bench, 1, 0)))
    }

    @Test func thereAreNoMorePilotsThanJobsAllowedAndSlicesToRun() throws {
        #expect(try { let bench = try bench(9, pilots: 4, room: 3); _ = try bench.turn(); return bench.batch.keys.count }() == 3)
        #expect(try { let bench = try bench(3, pilots: 4); _ = try bench.turn(); return bench.batch.keys.count }() == 3)
    }

    @Test func ofAPilotThatDiesOnlyTheTaskAtWorkIsLost() throws {
        let bench = try bench(0, tasksPerJob: 3)
        for task in 0..<12 { bench.start(task, memory: 4) }
        for _ in 0..<3 { _ = try bench.turn() }
        #expect(bench.pilots.slice(of: key(bench, 1, 1)) == 1)
        try bench.pilots.leave("\(bench.folder)/t1", 1, 1, count: 1)
        bench.batch.end(key(bench, 1, 1), as: .outOfMemory)
        let ended = try bench.all()
        #expect(tasks(ended) == Array(0..<12))
        #expect(ended.filter { $0.frame == nil }.map(\.task.position) == [4])
        #expect(ended.first { $0.frame == nil }?.kind == .outOfMemory)
        #expect(bench.pilots.begun.filter { $0.value != 1 } == ["A_5": 2], "it had not begun, and has a new job")
        bench.start(4, memory: 4)
        _ = try bench.turn()
        #expect(bench.batch.arrays.last?.options.memory == 8)
    }

    @Test func aPilotThatIsGoneIsReplacedAndNothingIsTried() throws {
        let bench = try bench(40)
        bench.pilots.stamina = 3
        let ended = try bench.all(within: 120)
        #expect(tasks(ended) == Array(0..<40) && ended.allSatisfy { $0.frame != nil })
        #expect(bench.pilots.begun.values.allSatisfy { $0 == 1 })
        var most = 0
        for tag in bench.batch.tags { most = max(most, bench.batch.arrays.first { $0.tag == tag }!.count) }
        #expect(bench.batch.keys.count >= 13 && most == 2)
    }

    @Test func noPilotIsAddedWhereNoneIsGone() throws {
        let bench = try bench(50, pilots: 100)
        for _ in 0..<8 { _ = try bench.turn(stepping: false) }
        #expect(bench.batch.arrays.map(\.count) == [50])
        for index in 40..<50 { bench.batch.end(key(bench, 1, index), as: .evicted("wanted")) }
        for _ in 0..<8 { _ = try bench.turn(stepping: false) }
        // what they had claimed is lost with them; nobody else is gone
        #expect(bench.batch.keys.count <= 60 && bench.ledger.how("t1").count <= 20)
    }

    @Test func aQueueThatTakesFewIsNotGivenMoreTimeAndAgain() throws {
        let bench = try bench(0, pilots: 300)
        for task in 0..<400 { bench.start(task, queues: ["a", "b"]) }
        for _ in 0..<2 { _ = try bench.turn() }
        // they run: there is room again
        for _ in 0..<12 { _ = try bench.turn(stepping: false) }
        #expect(bench.batch.arrays.map(\.count) == [100, 100])
    }

    @Test func whatTheLedgerTookIsNotGivenAwayTwice() throws {
        let bench = try bench(1, pilots: 1)
        bench.start(1, memory: 4)
        _ = try bench.turn()
        for task in 2..<4 { bench.start(task) }
        bench.start(4, memory: 4)
        // the second of two extensions fails
        bench.ledger.failsAfter = ("extend", 1)
        #expect(throws: Diagnostic.self) { try bench.turn(stepping: false) }
        #expect(tasks(try bench.all(within: 60)) == Array(0..<5))
        #expect(bench.pilots.begun.values.allSatisfy { $0 == 1 })
    }

    @Test func anExtensionThatWasNotForcedToDiskMixesNothingUp() throws {
        let bench = try bench(2)
        _ = try bench.turn()
        for task in 2..<6 { bench.start(task) }
        bench.ledger.failing = ["sync"]
        #expect(throws: Diagnostic.self) { try bench.turn(stepping: false) }
        bench.ledger.failing = []
        _ = bench.remote.abandonWaiting()
        bench.start(6)
        bench.start(5)
        _ = try bench.turn(stepping: false)
        bench.begin(pilots: 2)  // the first was killed
        for task in 0..<7 { bench.start(task) }
        #expect(tasks(try bench.all()) == Array(0..<7) && bench.pilots.finished.values.allSatisfy { $0 == 1 })
        #expect(bench.pilots.begun.keys.sorted() == (0..<7).map { "A_\($0)" })
    }

    @Test func whatWasTakenBackNoPilotCanRun() throws {
        let bench = try bench(6)
        _ = try bench.turn()
        for index in 0..<2 { bench.batch.end(key(bench, 1, index), as: .evicted("wanted")) }
        for _ in 0..<3 { _ = try bench.turn(stepping: false) }
        // both had not begun: their own slices are lost with them, the others wait again
        let folder = "\(bench.folder)/t1"
        for slice in 0..<6 { #expect(try SliceClaim.holder(of: slice, in: folder) == .driver) }
        let array = bench.batch.arrays[0]
        #expect(bench.pilots.step(array, 0) == .succeeded, "it was not dead after all, and finds nothing")
        #expect(bench.ledger.how("t1").filter { $0 == "taken back" }.count == 4)
    }

    @Test func aPilotThatNeverBeganCountsForTheSliceOfItsNumber() throws {
        let bench = try bench(2)
        bench.pilots.failing = .exited(24)
        let ended = try bench.all(within: 6)
        #expect(tasks(ended) == [0, 1] && ended.allSatisfy { $0.cause.hasPrefix("its job failed: exit status 24") })
    }

    @Test func pilotsThatAllFailAlikeEndTheRun() throws {
        let bench = try bench(200)
        bench.pilots.failing = .exited(24)
        var ended = try bench.all(within: 60)
        #expect(bench.remote.takeStorm()?.last != nil && bench.batch.keys.count < 40)
        var returned = bench.remote.recall((0..<200).map { TaskIndex($0) })
        ended += try bench.all(within: 20)
        returned += bench.remote.takeReturned()
        #expect((tasks(ended) + returned.map(\.position)).sorted() == Array(0..<200) && ended.count >= 25)
        #expect(bench.batch.keys.count < 40 && bench.remote.isEmpty)
    }

    @Test func tasksThatComeLaterAreGivenToPilotsThatRun() throws {
        let bench = try bench(8)
        _ = try bench.turn()
        for task in 8..<20 { bench.start(task) }
        #expect(tasks(try bench.all(within: 60)) == Array(0..<20))
        #expect(bench.batch.arrays.map(\.count) == [2])
        #expect(bench.ledger.entries[0].elements.count == 20)
        #expect(bench.pilots.begun.values.allSatisfy { $0 == 1 })
    }

    @Test func pilotsThatAreAddedGetTheirPartOnly() throws {
        let bench = try bench(4, pilots: 4)
        _ = try bench.turn()
        bench.batch.end(key(bench, 1, 3), as: .evicted("wanted"))
        #expect(tasks(try bench.turn(stepping: false) + bench.turn(stepping: false)) == [3])
        for task in 4..<44 { bench.start(task) }
        _ = try bench.turn(stepping: false)
        #expect(bench.ledger.entries.map(\.elements.count) == [34, 10] && bench.ledger.entries[1].pilots == 1)
        #expect(tasks(try bench.all(within: 80)) == [0, 1, 2] + Array(4..<44))
        #expect(bench.pilots.begun.values.allSatisfy { $0 == 1 })
    }

    @Test func pilotsThatRunAreToldOfMoreWhereNoneCanBeAdded() throws {
        let bench = try bench(2, pilots: 3, room: 2)
        _ = try bench.turn()
        for task in 2..<9 { bench.start(task) }
        _ = try bench.turn(stepping: false)
        #expect(bench.ledger.entries.map(\.elements.count) == [9])
    }

    @Test func aTrickleDoesNotAddPilotsForEachDrop() throws {
        let bench = try bench(1, pilots: 3)
        var ended: [EndedJob] = []
        for task in 1..<30 {
            ended += try bench.turn()
            bench.start(task)
            let living = bench.batch.keys.filter { !bench.batch.isOver($0) }.count
            #expect(living <= 3)
        }
        ended += try bench.all(within: 60)
        #expect(tasks(ended) == Array(0..<30) && bench.pilots.begun.values.allSatisfy { $0 == 1 })
    }

    @Test func tasksThatThePilotsWereNotToldOfComeBack() throws {
        let bench = try bench(4)
        _ = try bench.turn()
        // a folder has the name that the description is to have
        try Directory.make("\(bench.folder)/t1/4.added/in the way")
        for task in 4..<6 { bench.start(task) }
        #expect(tasks(try bench.all(within: 60)) == Array(0..<6))
        #expect(bench.pilots.begun.values.allSatisfy { $0 == 1 })
        #expect(bench.remote.takeNotes().contains { $0.contains("pilots cannot be told of more tasks") })
    }

    @Test func theNextDriverGoesOnWithThePilots() throws {
        let bench = try bench(12)
        var done: Set<Int> = []
        for _ in 0..<5 { done.formUnion(tasks(try bench.turn())) }
        bench.begin(pilots: 2)  // the first was killed
        let left = (0..<12).filter { !done.contains($0) }
        for task in left { bench.start(task) }
        #expect(try !done.isEmpty && tasks(bench.all()) == left)
        #expect(bench.batch.tags == ["t1"] && bench.pilots.begun.values.allSatisfy { $0 == 1 })
    }

    @Test func pilotsThatEndedWithoutADriverLeaveTheirResultsAndTheirRest() throws {
        let bench = try bench(12)
        bench.pilots.stamina = 2
        _ = try bench.turn()
        for _ in 0..<20 { bench.batch.step() }
        bench.begin(pilots: 2)
        for task in 0..<12 { bench.start(task) }
        #expect(tasks(try bench.all(within: 60)) == Array(0..<12))
        #expect(bench.pilots.begun.values.allSatisfy { $0 == 1 } && bench.pilots.begun.count == 12)
    }

    @Test func aSliceThatADeadDriverTookBackIsGivenToOthersAtOnce() throws {
        let bench = try bench(8)
        for _ in 0..<2 { _ = try bench.turn() }
        #expect(try SliceClaim.take(7, in: "\(bench.folder)/t1") == nil)
        bench.begin(pilots: 3)
        for task in 0..<8 { bench.start(task) }
        _ = try bench.turn()
        #expect(bench.ledger.ends["t1"]?[7]?[0] == "taken back")
        _ = try bench.all()
        #expect(bench.pilots.finished.values.allSatisfy { $0 == 1 } && bench.pilots.finished.count == 8)
    }

    @Test func aClaimWithoutANameIsLostWhenAllHaveEnded() throws {
        let bench = try bench(4)
        _ = try bench.turn()
        _ = try File.openNew(JobArray.claim(of: 3, in: "\(bench.folder)/t1"))
        let ended = try bench.all()
        #expect(tasks(ended) == [0, 1, 2, 3])
        #expect(ended.filter { $0.frame == nil }.map(\.cause) == ["its job failed: ended as lost: its pilot has left nothing"])
    }

    @Test func pilotsThatAreRefusedFailAllTheirTasks() throws {
        let bench = try bench(9)
        bench.batch.inject(.refuse("no such queue"), on: .submit)
        let ended = try bench.all()
        #expect(tasks(ended) == Array(0..<9))
        #expect(ended.allSatisfy { $0.kind == .couldNotStart && $0.cause.contains("no such queue") })
    }

    @Test func pilotsThatWereNeverAcceptedAreSubmittedAnew() throws {
        let bench = try bench(9, grace: 3)
        bench.batch.inject(.doubt("timed out"), on: .submit)
        #expect(tasks(try bench.all(within: 80)) == Array(0..<9))
        #expect(bench.batch.keys.count == 2 && bench.pilots.begun.values.allSatisfy { $0 == 1 })
    }

    @Test func noDoubtLastsForEver() throws {
        let bench = try bench(5, grace: 3)
        bench.batch.inject(.doubt("timed out"), on: .submit, times: 100)
        let ended = try bench.all(within: 200)
        #expect(tasks(ended) == Array(0..<5) && ended.allSatisfy { $0.kind == .couldNotStart })
    }

    @Test func cancellingEndsAllPilots() throws {
        let bench = try bench(9)
        for _ in 0..<2 { _ = try bench.turn() }
        bench.remote.cancel()
        let ended = try bench.all(within: 10)
        #expect(tasks(ended).count + bench.remote.takeReturned().count == 9)
        #expect(ended.allSatisfy { $0.frame != nil || $0.kind == .interrupted })
        #expect(bench.batch.keys.allSatisfy(bench.batch.isOver) && bench.remote.isEmpty)
    }

    @Test func pilotsWithoutWorkAreCancelledAtTheEnd() throws {
        let bench = try bench(6)
        bench.batch.inject(.delay(steps: 100), on: .submit)
        bench.begin(pilots: 2)
        for task in 0..<6 { bench.start(task) }
        _ = try bench.turn()
        for slice in 0..<6 {
            try File.replace(JobArray.claim(of: slice, in: "\(bench.folder)/t1"), with: Array("0\n".utf8))
            try bench.pilots.leave("\(bench.folder)/t1", slice, 0, count: 1)
        }
        #expect(tasks(try bench.all(within: 3)) == Array(0..<6))
        bench.remote.close()
        #expect(bench.batch.keys.allSatisfy(bench.batch.isOver))
    }
}
