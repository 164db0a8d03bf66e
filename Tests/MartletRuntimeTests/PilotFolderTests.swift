import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletEngine
@testable import MartletRuntime

/// What pilots leave in the folder of their submission, and when it is believed.
@Suite struct PilotFolderTests {
    private func key(_ tag: Int, _ index: Int) -> JobKey { JobKey("t\(tag)", index) }

    private func bench(_ count: Int, tasksPerJob: Int = 1, grace: Double = 0) throws -> JobBench {
        let bench = try JobBench(grace: grace)
        bench.begin(tasksPerJob: tasksPerJob, pilots: 2)
        for task in 0..<count { bench.start(task, memory: 4) }
        return bench
    }

    /// Pilots have their first slices.
    private func atWork(_ count: Int, tasksPerJob: Int = 1, grace: Double = 0) throws -> JobBench {
        let bench = try bench(count, tasksPerJob: tasksPerJob, grace: grace)
        for _ in 0..<3 { _ = try bench.turn() }
        #expect(bench.pilots.slice(of: key(1, 1)) == 1)
        return bench
    }

    private func turns(_ bench: JobBench, _ count: Int) throws -> [EndedJob] {
        try (0..<count).flatMap { _ in try bench.turn(stepping: false) }
    }

    private func leave(_ bench: JobBench, _ slice: Int, by pilot: Int, _ bytes: [UInt8]) throws {
        try File.replace(JobArray.result(of: slice, by: pilot, in: "\(bench.folder)/t1"), with: bytes)
    }

    private func frame(_ place: Int, _ kind: Outcome.Kind, _ text: String = "") -> [UInt8] {
        OutcomeFrame(
            task: TaskIndex(place), kind: kind, start: 1, wall: 1, cpu: 1, peak: 1, text: text, fragment: []
        ).encoded()
    }

    @Test func thatAProcessWasKilledForItsMemoryThePilotsEndTells() throws {
        let bench = try atWork(2)
        try leave(bench, 1, by: 1, frame(0, .workerLost, "its process was ended by SIGKILL"))
        #expect(try turns(bench, 4).isEmpty, "its pilot has not ended, and may tell why")
        bench.batch.end(key(1, 1), as: .outOfMemory)
        let ended = try turns(bench, 3)
        #expect(tasks(ended) == [1] && ended[0].kind == .outOfMemory)
        bench.start(1, memory: 4)
        _ = try bench.turn(stepping: false)
        #expect(bench.batch.arrays.last?.options.memory == 8)
    }

    @Test func aProcessThatWasLostWithoutAWordOfWhyIsLost() throws {
        let bench = try atWork(2)
        try leave(bench, 1, by: 1, frame(0, .workerLost, "signal 11"))
        bench.batch.end(key(1, 1), as: .succeeded)
        let ended = try turns(bench, 3)
        #expect(tasks(ended) == [1] && ended[0].frame?.text == "signal 11")
    }

    @Test func whatAPilotLostThatEndedBeforeThisRunIsTaken() throws {
        let bench = try atWork(2)
        try leave(bench, 1, by: 1, frame(0, .workerLost, "signal 11"))
        bench.ledger.pilots["t1"] = [1: "finished"]
        bench.begin(pilots: 2)
        for task in 0..<2 { bench.start(task, memory: 4) }
        let ended = try turns(bench, 3)
        #expect(tasks(ended) == [1] && ended[0].frame?.text == "signal 11")
    }

    @Test func pilotsAreReplacedThoughNothingCouldBeTakenBackAtFirst() throws {
        let bench = try atWork(40), folder = "\(bench.folder)/t1"
        try File.rename(folder, to: "\(folder).away")
        try File.replace(folder, with: [])
        bench.batch.end(key(1, 1), as: .evicted("wanted"))
        #expect(tasks(try turns(bench, 4)) == [1])
        #expect(bench.batch.arrays.count == 1)
        try File.remove(folder)
        try File.rename("\(folder).away", to: folder)
        _ = try turns(bench, 4)
        #expect(bench.batch.arrays.map(\.count) == [2, 1])
    }

    @Test func resultsThatNoListingShowsAreFoundByTheirNames() throws {
        let bench = try bench(6, grace: 2)
        _ = try bench.turn()
        bench.remote.list = { _ throws(SystemError) in try PoolListing("/nowhere at all") }
        let ended = try bench.all(within: 30)
        #expect(tasks(ended) == Array(0..<6) && ended.allSatisfy { $0.frame?.kind == .done })
        #expect(bench.pilots.begun.values.allSatisfy { $0 == 1 })
    }

    @Test func whatAKilledPilotHadDoneMayAppearLate() throws {
        let bench = try atWork(2, grace: 5)
        bench.batch.end(key(1, 1), as: .evicted("wanted"))
        #expect(try turns(bench, 3).isEmpty, "its claim is there, its result may be on its way")
        try bench.pilots.leave("\(bench.folder)/t1", 1, 1, count: 1)
        let ended = try turns(bench, 3)
        #expect(tasks(ended) == [1] && ended[0].frame?.kind == .done)
    }

    @Test func aClaimThatShowsAfterThePilotsEndIsLostWithIt() throws {
        let bench = try bench(4)
        for _ in 0..<2 { _ = try bench.turn() }
        bench.remote.list = { _ throws(SystemError) in try PoolListing("/nowhere at all") }
        _ = try bench.turn()
        bench.batch.end(key(1, 1), as: .evicted("wanted"))
        #expect(try turns(bench, 3).isEmpty)
        bench.remote.list = { (folder) throws(SystemError) in try PoolListing(folder) }
        let ended = try turns(bench, 3)
        #expect(tasks(ended) == [1] && ended[0].cause.contains("wanted"))
        #expect(!bench.batch.isOver(key(1, 0)), "it is not waited for")
    }

    @Test func whatAPilotReportsIsReadOnceWhenItHasEnded() throws {
        let bench = try atWork(8, tasksPerJob: 4)
        try leave(bench, 1, by: 1, JobResult.part(of: "s", []) + frame(0, .done))
        #expect(tasks(try turns(bench, 5)) == [4])
        #expect(bench.segments.readings.isEmpty)
        bench.batch.end(key(1, 1), as: .evicted("wanted"))
        #expect(tasks(try turns(bench, 3)) == [5])
        #expect(bench.segments.readings["s", default: 0] <= 2)
    }

    @Test func aClaimThatCannotBeWrittenIsNone() throws {
        let scratch = try ScratchDirectory("claims"), path = JobArray.claim(of: 3, in: scratch.path)
        #expect(throws: SystemError.self) {
            try SliceClaim.write(path, name: { (_) throws(SystemError) in throw SystemError(ENOSPC, "write", path) })
        }
        #expect(!JobFile.isThere(path))
        #expect(try SliceClaim.take(3, in: scratch.path) == nil)
        #expect(try SliceClaim.holder(of: 3, in: scratch.path) == .driver)
    }

    @Test func claimsAreTakenSoManyInATurn() throws {
        let bench = try bench(2 * Piloting.mostClaims + 100)
        _ = try bench.turn(stepping: false)
        for index in 0..<2 { bench.batch.end(key(1, index), as: .evicted("wanted")) }
        var most = 0, before = 0
        for _ in 0..<8 {
            _ = try bench.turn(stepping: false)
            let now = try PoolListing("\(bench.folder)/t1").claimed.count
            (most, before) = (max(most, now - before), now)
        }
        #expect(most <= Piloting.mostClaims + 2 && before == 2 * Piloting.mostClaims + 100)
    }

    @Test func pilotsThatWereNeverSentCloseNoSlices() throws {
        let bench = try bench(0)
        for task in 0..<4 { bench.start(task, queue: "away") }
        for _ in 0..<6 { _ = try bench.turn() }
        #expect(bench.ledger.pilots["t1"] == [0: "never sent", 1: "never sent"])
        #expect(bench.ledger.how("t1") == Array(repeating: "taken back", count: 4))
        #expect(bench.ledger.entries.count == 1, "the queue rests")
    }
}
