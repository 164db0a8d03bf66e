import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

/// What follows from how a job ended: more memory, more time, other nodes, no more of the same.
@Suite struct JobCausesTests {
    /// A job of task 7 ends so; the task is tried again. - Returns: how that was told, and what the next job asks for.
    private func again(
        after end: JobEnd, memory: UInt64? = 4, walltime: Double? = 60, bench: JobBench
    ) throws -> (EndedJob?, JobOptions?) {
        bench.start(7, memory: memory, walltime: walltime)
        _ = try bench.turn()
        let tag = bench.batch.tags.last!
        bench.batch.end(JobKey(tag, 0), as: end)
        let told = try bench.end().first
        bench.start(7, memory: memory, walltime: walltime)
        _ = try bench.turn()
        return (told, bench.batch.arrays.last?.options)
    }

    @Test func outOfMemoryAsksForMore() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        let (told, next) = try again(after: .outOfMemory, bench: bench)
        #expect(told?.kind == .outOfMemory && next?.memory == 8 && next?.walltime == 60)
    }

    @Test func aJobIsToldWhatItHasAskedForAfterItRanOutOfMemory() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        _ = try again(after: .outOfMemory, bench: bench)
        let lines = try File.read("\(bench.folder)/\(bench.batch.tags.last!)/job.json")
        let head = try JSON.parse(Array(lines.prefix { $0 != UInt8(ascii: "\n") }))
        #expect(head["job"] == ["memory": .integer(8)])
    }

    @Test func theTimeLimitIsLongerOnce() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        let (told, next) = try again(after: .timeLimit, bench: bench)
        #expect(told?.kind == .workerLost && next?.walltime == 120)
        bench.batch.end(JobKey(bench.batch.tags.last!, 0), as: .timeLimit)
        #expect(try bench.end().first?.kind == .timedOut)
    }

    @Test func aBadNodeIsAvoidedUnlessNothingElseIsLeft() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        let (told, next) = try again(after: .nodeFailure("down"), bench: bench)
        #expect(told?.kind == .workerLost && next?.avoidedNodes == ["n1"])
        bench.batch.inject(.refuse("requested nodes are not available"), on: .submit)
        bench.start(8)
        _ = try bench.turn()
        _ = try bench.turn()
        #expect(bench.batch.arrays.last?.options.avoidedNodes == [])
    }

    @Test func aJobThatIsHeldIsCancelledAndLost() throws {
        let bench = try JobBench()
        bench.batch.inject(.hold("no such user there"), on: .submit)
        bench.start(7)
        let ended = try bench.end()
        #expect(ended.first?.kind == .workerLost && ended.first?.cause.contains("held: no such user there") == true)
        #expect(bench.batch.isOver(JobKey("t1", 0)))
    }

    @Test func aStormOfEqualFailuresStopsTheSubmission() throws {
        let bench = try JobBench()
        bench.begin(parallelJobs: 30, command: "false")
        for task in 0..<100 { bench.start(task) }
        let ended = try bench.all()
        #expect(tasks(ended) == Array(0..<30) && bench.batch.keys.count == 30)
        #expect(ended.allSatisfy { $0.cause == "its job failed: exit status 1 on n1" })
        let said = "nothing more is submitted, since 25 tries have failed alike: its job failed: exit status 1"
        #expect(bench.remote.takeNotes() == ["batch system fake: \(said)"])
        let storm = bench.remote.takeStorm()
        #expect(storm?.last != nil && bench.remote.takeStorm() == nil)
        #expect(bench.remote.recall((0..<100).map { TaskIndex($0) }) == (30..<100).map { TaskIndex($0) })
        #expect(bench.remote.isEmpty)
    }

    @Test(arguments: [JobEnd.cancelled, .evicted("preempted")])
    func jobsThatSomebodyEndsAreNoStorm(end: JobEnd) throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        for task in 0..<40 { bench.start(task) }
        _ = try bench.turn()
        for key in bench.batch.keys { bench.batch.end(key, as: end) }
        #expect(try bench.all().count == 40 && bench.remote.takeStorm() == nil)
    }

    @Test func aJobIsOneFailureHoweverManyTasksItHas() throws {
        let bench = try JobBench()
        bench.begin(tasksPerJob: 20, command: "true")
        for task in 0..<60 { bench.start(task) }
        #expect(try bench.all().count == 60 && bench.remote.takeStorm() == nil)
    }
}
