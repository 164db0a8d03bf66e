import MartletEngine
import MartletModel
import Testing

/// Jobs that were handed to a batch system, and are not wanted any more.
@Suite struct RecallTests {
    private static let batch = WorkerID(9)

    /// A workflow (task 0) with this many branches, all of them jobs.
    private func workflow(_ count: Int, _ settings: Settings = Settings(), retry: RetryPolicy = .never, failing: Int? = nil) -> World {
        var world = World(settings)
        world.tell(
            .workerJoined(RecallTests.batch, lane: .batch, capacity: 1000, ahead: false),
            .allows(TaskIndex(0), lacking: 0, failing: failing))
        let job = world.engine.number(of: Terms(lane: .batch, retry: retry))
        var tasks = [task(0, needs: Array(1...count), family: 1)]
        for i in 1...count {
            tasks.append(task(i, family: 1))
            tasks[i].terms = job
        }
        world.plan(tasks)
        #expect(world.started.count == count)
        return world
    }

    private func fail(_ world: inout World, _ tasks: Int...) {
        for one in tasks { world.tell(.ended(TaskIndex(one), Outcome(.raised, wall: 1))) }
    }

    private func indices(_ range: ClosedRange<Int>) -> [TaskIndex] { range.map { TaskIndex($0) } }

    @Test func afterAFailureThatIsToStopTheRunAllAreCalledBack() {
        var world = workflow(5, Settings(failFast: true))
        fail(&world, 2)
        #expect(world.actions.last == .recall([1, 3, 4, 5].map { TaskIndex($0) }))
        #expect(!world.engine.isWanted(TaskIndex(1)))
        world.tell(.returned(TaskIndex(1)), .returned(TaskIndex(3)))
        #expect(world.state(1) == .withheld && world.reason(3) == Reason(.failFast, TaskIndex(2)))
        // what has begun goes on
        world.tell(.ended(TaskIndex(4), Outcome(.done)), .ended(TaskIndex(5), Outcome(.done)))
        #expect(world.state(4) == .done && world.actions.last == .runEnded)
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func branchesOfAWorkflowThatIsGivenUpAreCalledBack() {
        var world = workflow(10, failing: 1)
        fail(&world, 1)
        #expect(world.engine.isWanted(TaskIndex(3)))
        fail(&world, 2)
        #expect(world.actions.last == .recall(indices(3...10)))
        world.tell(.returned(TaskIndex(3)))
        #expect(world.state(3) == .withheld && world.reason(3) == Reason(.branchesFailed, TaskIndex(2)))
        for i in 4...10 { world.tell(.returned(TaskIndex(i))) }
        #expect(world.actions.last == .runEnded && world.state(0) == .blocked)
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func nothingIsCalledBackFromAUserWhoInterrupts() {
        var world = workflow(4)
        world.tell(.interrupted(.gently))
        fail(&world, 1)
        #expect(!world.actions.contains { if case .recall = $0 { true } else { false } })
        #expect(!world.engine.isWanted(TaskIndex(2)))
    }

    @Test func jobsThatFailAlikeAreCalledBackAndNotTriedAgain() {
        let twice = RetryPolicy(retries: [.raised: 1])
        var world = workflow(6, retry: twice)
        fail(&world, 1)
        #expect(world.started.last == TaskIndex(1))  // again
        world.tell(.jobsFailAlike(last: TaskIndex(2)))
        #expect(world.actions.last == .recall([2, 3, 4, 5, 6, 1].map { TaskIndex($0) }))
        fail(&world, 2)
        #expect(world.state(2) == .failed)
        // its further try did not begin
        world.tell(.returned(TaskIndex(1)))
        #expect(world.state(1) == .failed && world.reason(1).code == .raised)
        for i in 3...6 { world.tell(.returned(TaskIndex(i))) }
        #expect(world.engine.states[3...6].allSatisfy { $0 == .withheld })
        #expect(world.reason(3) == Reason(.failedAlike, TaskIndex(2)))
        #expect(world.state(0) == .blocked && world.actions.last == .runEnded)
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func triesThatWaitForTheirTimeEndWithTheStorm() {
        var world = workflow(2, retry: RetryPolicy(retries: [.raised: 1], delay: 60))
        fail(&world, 1)
        #expect(world.state(1) == .delayed)
        world.tell(.jobsFailAlike(last: nil))
        #expect(world.state(1) == .failed)
        world.tell(.returned(TaskIndex(2)))
        #expect(world.reason(2) == Reason(.failedAlike) && world.actions.last == .runEnded)
    }

    @Test func whatRunsHereGoesOnInAStormOfJobs() {
        var world = World()
        world.tell(.workerJoined(RecallTests.batch, lane: .batch, capacity: 10, ahead: false))
        let job = world.engine.number(of: Terms(lane: .batch, retry: .never))
        var tasks = [task(0, needs: [1, 2, 3]), task(1), task(2), task(3, needs: [2])]
        tasks[1].terms = job
        tasks[3].terms = job
        world.plan(tasks)
        world.tell(.jobsFailAlike(last: TaskIndex(1)), .ended(TaskIndex(1), Outcome(.raised)))
        world.tell(.ended(TaskIndex(2), Outcome(.done)))
        #expect(world.engine.states == [.blocked, .failed, .done, .withheld])
        #expect(world.reason(3).code == .failedAlike)
    }
}
