import MartletModel
import MartletPorts
import MartletTesting
import Testing

@testable import MartletRuntime

/// Tasks that were handed over, and are not wanted any more.
@Suite struct JobRecallTests {
    private func indices(_ tasks: [Int]) -> [TaskIndex] { tasks.map { TaskIndex($0) } }

    private func returned(_ bench: JobBench) -> [Int] { bench.remote.takeReturned().map(\.position).sorted() }

    /// Task 0 has a job that waits.
    private func pending() throws -> JobBench {
        let bench = try JobBench()
        bench.batch.inject(.delay(steps: 100), on: .submit)
        bench.start(0)
        _ = try bench.turn()
        return bench
    }

    @Test func whatIsNotSubmittedComesBackAtOnce() throws {
        let bench = try JobBench()
        bench.begin(parallelJobs: 2, command: "sleep")
        bench.start(0, 1, 2, 3, 4)
        _ = try bench.turn()
        #expect(bench.remote.recall(indices([0, 2, 4])) == indices([2, 4]))
        #expect(bench.remote.waiting.all.map(\.task) == indices([3]))
    }

    @Test func jobsThatWaitAreCancelledAndThoseThatRunGoOn() throws {
        let bench = try JobBench()
        bench.begin(tasksPerJob: 2, command: "sleep")
        bench.start(9)
        _ = try bench.all(within: 3)
        bench.batch.inject(.delay(steps: 100), on: .submit)
        bench.start(0, 1, 2)
        _ = try bench.turn()
        #expect(bench.remote.recall(indices([0, 1, 9])) == [])
        #expect(try bench.all(within: 3).isEmpty && returned(bench) == [0, 1])
        let over = [JobKey("t1", 0), JobKey("t2", 0), JobKey("t2", 1)].map(bench.batch.isOver)
        #expect(over == [false, true, false])
        #expect(bench.ledger.how("t2") == ["cancelled", "cancelled"])
        _ = bench.remote.recall(indices([2]))
        #expect(try bench.all(within: 3).isEmpty && returned(bench) == [2])
        bench.leave("t1", 0, count: 1)
        bench.batch.end(JobKey("t1", 0), as: .succeeded)
        #expect(try bench.end().map(\.task.position) == [9] && bench.remote.isEmpty)
    }

    @Test func aJobThatTheSystemDoesNotCancelAtOnceIsCancelledAgain() throws {
        let bench = try pending()
        bench.batch.inject(.refuse("the server is busy"), on: .cancel)
        _ = bench.remote.recall(indices([0]))
        #expect(try bench.all(within: 5).isEmpty && returned(bench) == [0])
    }

    /// As a system does that forgets what it has cancelled.
    @Test func aJobThatIsForgottenAfterwardsWasCancelled() throws {
        let bench = try pending()
        bench.batch.inject(.refuse("too late"), on: .cancel)
        _ = bench.remote.recall(indices([0]))
        _ = try bench.turn()
        bench.batch.forget(JobKey("t1", 0))
        #expect(try bench.all(within: 3).isEmpty && returned(bench) == [0])
        #expect(bench.ledger.how("t1") == ["cancelled"])
    }

    @Test func aJobThatBeginsWhileItIsCancelledWasInterrupted() throws {
        let bench = try pending()
        bench.leave("t1", 0, JobResult.begun(TaskIndex(0)))
        _ = bench.remote.recall(indices([0]))
        #expect(try bench.all(within: 3).map(\.kind) == [.interrupted] && returned(bench).isEmpty)
    }

    /// Another run may wait for them.
    @Test func aJobWithTasksThatAreNotThisRunsIsLeft() throws {
        let bench = try JobBench()
        bench.batch.inject(.delay(steps: 100), on: .submit)
        bench.begin(tasksPerJob: 2)
        bench.start(0, 1)
        _ = try bench.turn()
        bench.begin(tasksPerJob: 2)
        bench.start(0)
        _ = try bench.turn()
        _ = bench.remote.recall(indices([0]))
        _ = try bench.all(within: 3)
        #expect(!bench.batch.isOver(JobKey("t1", 0)) && returned(bench).isEmpty)
        bench.start(1)
        _ = try bench.turn()
        _ = bench.remote.recall(indices([1]))
        #expect(try bench.all(within: 3).isEmpty && returned(bench) == [0, 1])
    }

    @Test func whatNoPilotHasBegunIsTakenBack() throws {
        let bench = try JobBench()
        bench.batch.inject(.delay(steps: 100), on: .submit)
        bench.begin(pilots: 2)
        bench.start(0, 1, 2, 3)
        _ = try bench.turn()
        _ = bench.remote.recall(indices([1, 2, 3]))
        #expect(try bench.all(within: 5).isEmpty && returned(bench) == [1, 2, 3])
        #expect(bench.ledger.how("t1") == ["taken back", "taken back", "taken back"])
    }
}
