import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

/// All jobs are cancelled.
@Suite struct JobCancellingTests {
    @Test func cancellingEndsAllJobs() throws {
        let bench = try JobBench()
        bench.begin(parallelJobs: 2, command: "sleep")
        bench.start(0, 1, 2)
        _ = try bench.turn()
        bench.leave("t1", 1, JobResult.begun(TaskIndex(0)))
        bench.remote.cancel()
        let ended = try bench.all(within: 10)
        #expect(tasks(ended) == [1] && ended.allSatisfy { $0.kind == .interrupted })
        // those that had not begun
        #expect(bench.remote.takeReturned().map(\.position).sorted() == [0, 2])
        #expect(bench.batch.keys.allSatisfy(bench.batch.isOver))
        #expect(bench.remote.isEmpty && bench.ledger.how("t1") == ["cancelled", "cancelled"])
    }

    /// Its id was not known when all were cancelled.
    @Test func aJobThatIsFoundWhileAllAreCancelledIsCancelledToo() throws {
        let bench = try JobBench(grace: 5)
        bench.begin(command: "sleep")
        bench.batch.inject(.actAndDoubt("timed out"), on: .submit)
        bench.start(7)
        _ = try bench.turn()
        bench.remote.cancel()
        #expect(try bench.all(within: 15).isEmpty && bench.batch.keys.allSatisfy(bench.batch.isOver))
        #expect(bench.remote.takeReturned() == [TaskIndex(7)])
    }

    @Test func whatIsNotCancelledAtOnceIsCancelledAgain() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        bench.start(7, 8)
        _ = try bench.turn()
        bench.batch.inject(.refuse("the server is busy"), on: .cancel, times: 2)
        bench.remote.cancel()
        #expect(try bench.all(within: 15).isEmpty)
        #expect(bench.remote.takeReturned().map(\.position).sorted() == [7, 8])
        #expect(bench.batch.keys.allSatisfy(bench.batch.isOver))
    }
}
