import MartletModel
import MartletPorts
import MartletTesting
import Testing

@testable import MartletRuntime

/// Tasks that may go to one of several queues.
@Suite struct SeveralQueuesTests {
    private func queues(_ bench: JobBench) -> [String: Int] {
        Dictionary(bench.batch.arrays.map { ($0.options.queue ?? "", $0.count) }, uniquingKeysWith: +)
    }

    @Test func eachGetsItsShareAndAllIsCollected() throws {
        let bench = try JobBench()
        for task in 0..<30 { bench.start(task, queues: ["a", "b"]) }
        let ended = try bench.all()
        #expect(Set(ended.map(\.task.position)) == Set(0..<30) && ended.count == 30)
        #expect(queues(bench) == ["a": 15, "b": 15])
        #expect(Set(bench.ledger.entries.map(\.queue)) == ["a", "b"])
    }

    @Test func noMoreAreBoundToAPlaceThanAHandful() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        for task in 0..<1000 { bench.start(task, queues: ["a", "b"]) }
        _ = try bench.turn()
        #expect(queues(bench) == ["a": 100, "b": 100])
        #expect(bench.remote.waiting.count == 800)
    }

    @Test func whoRefusesIsNotAskedAgainAndOnlyARefusalByAllFails() throws {
        let bench = try JobBench()
        for task in 0..<4 { bench.start(task, queues: ["no-such-queue", "b"]) }
        let ended = try bench.all()
        #expect(ended.count == 4 && ended.allSatisfy { $0.frame?.kind == .done })
        #expect(queues(bench)["b"] == 4)

        bench.start(9, queues: ["no-such-queue"])
        let refused = try bench.end()
        #expect(refused.count == 1 && refused[0].kind == .couldNotStart && refused[0].cause.contains("invalid queue"))
    }

    @Test func aSiteThatLosesItsJobsIsLeftAloneForAWhile() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        for task in 0..<40 { bench.start(task, queues: ["bad", "good"]) }
        _ = try bench.turn()
        for array in bench.batch.arrays where array.options.queue == "bad" {
            for index in 0..<array.count { bench.batch.end(JobKey(array.tag, index), as: .nodeFailure("no scratch")) }
        }
        let lost = try bench.end()
        #expect(lost.count == 20 && lost.allSatisfy { $0.kind == .workerLost })
        #expect(bench.remote.takeNotes().contains { $0.contains("bad is given no jobs for 5 min") && $0.contains("no scratch") })
        for one in lost { bench.start(one.task.position, queues: ["bad", "good"]) }
        _ = try bench.turn()
        #expect(queues(bench) == ["bad": 20, "good": 40])
    }

    @Test func whoCannotBeReachedIsLeftOutAndTriedAgain() throws {
        let bench = try JobBench()
        for task in 0..<10 { bench.start(task, queues: ["away", "b"]) }
        #expect(try bench.all().count == 10)
        #expect(queues(bench) == ["b": 10])
        #expect(bench.remote.takeNotes().contains { $0.contains("away cannot be reached, and is tried again in 30 s: no route to host") })
    }

    @Test func whereThereIsNoOtherItIsWaitedFor() throws {
        let bench = try JobBench()
        bench.batch.inject(.unreachable, on: .submit, times: 5)
        bench.start(7)
        let tries = [30, 60, 120, 240, 480].reduce(0, +)
        #expect(try bench.all(within: tries - 5).isEmpty)
        #expect(bench.ledger.entries.count == 5, "no more than one try after each pause")
        let ended = try bench.all(within: 20)
        #expect(ended.count == 1 && ended[0].frame?.kind == .done)
    }

    /// What one site does not answer says nothing of the others' jobs.
    @Test func aSiteThatIsAwayHidesNoLossElsewhere() throws {
        let bench = try JobBench(grace: 3)
        bench.begin(command: "sleep")
        bench.batch.silent = ["mute"]
        bench.batch.inject(.swallow, on: .submit, times: 2)
        bench.start(1, queues: ["mute"])
        bench.start(2, queues: ["b"])
        let ended = try bench.all(within: 30)
        #expect(ended.map(\.task) == [TaskIndex(2)] && ended[0].kind == .workerLost)
    }

    /// Who asks elsewhere finds nothing there, and would submit it a second time.
    @Test func jobsOfAnEarlierRunAreLookedForWhereItSentThem() throws {
        let bench = try JobBench(grace: 5)
        bench.begin(command: "sleep")
        bench.batch.inject(.actAndDoubt("killed meanwhile"), on: .submit)
        bench.start(7, queues: ["a"])
        _ = try bench.turn()
        bench.begin(command: "sleep")
        bench.start(7, queues: ["b", "c"])
        _ = try bench.turn()
        #expect(bench.remote.submissions.questions.map(\.queue) == ["a"])
        for _ in 0..<20 { _ = try bench.turn() }
        #expect(bench.batch.keys.count == 1)
    }
}
