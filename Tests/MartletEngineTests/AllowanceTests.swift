import MartletEngine
import MartletModel
import Testing

/// Workflows that are content with some of their branches. Task 0 is the workflow, of family 1 as its branches are.
@Suite struct AllowanceTests {
    private func workflow(
        _ branches: Int, lacking: Int, failing: Int? = nil, others: [PlannedTask] = [], slots: Int = 1
    ) -> World {
        var world = World(Settings(slots: slots), workers: slots)
        let once = world.engine.number(of: Terms(retry: .never))
        world.tell(.allows(TaskIndex(0), lacking: lacking, failing: failing))
        var tasks = [task(0, needs: Array(1...branches) + others.map(\.index.position), family: 1)]
        tasks += (1...branches).map { task($0, family: 1) } + others
        for i in tasks.indices { tasks[i].terms = once }
        world.plan(tasks)
        return world
    }

    private func fail(_ world: inout World, _ i: Int) {
        world.tell(.ended(TaskIndex(i), Outcome(.raised)))
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func aWorkflowRunsWithoutThoseItCanSpare() {
        var world = workflow(4, lacking: 1)
        world.finish(failing: [2])
        #expect(world.state(0) == .done)
        #expect(world.engine.states[1...4] == [.done, .failed, .done, .done])
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func itWaitsForAllOthersBeforeItRuns() {
        var world = workflow(3, lacking: 2)
        fail(&world, 1)
        #expect(world.state(0) == .waiting)
        world.finish()
        #expect(world.started.last == TaskIndex(0))
    }

    @Test func oneMoreThanItCanSpareBlocksIt() {
        var world = workflow(4, lacking: 1)
        world.finish(failing: [2, 3])
        #expect(world.state(0) == .blocked)
        #expect(world.reason(0) == Reason(.blockedBy, TaskIndex(3)))
        // the others got their turn all the same
        #expect(world.state(4) == .done)
    }

    @Test func whatItNeedsBesidesItsBranchesIsNotSpared() {
        var world = workflow(2, lacking: 2, others: [task(3, family: 2)])
        world.finish(failing: [3])
        #expect(world.state(0) == .blocked)
    }

    @Test func branchesThatCannotRunAtAllAreSparedAsWell() {
        var world = World()
        world.tell(.allows(TaskIndex(0), lacking: 2, failing: nil))
        world.plan([
            task(0, needs: [1, 2, 3], family: 1), task(1, .broken, family: 1), task(2, needs: [4], family: 1), task(3, family: 1),
            task(4, .externalAbsent, family: 2),
        ])
        #expect(world.engine.states[1...2] == [.broken, .blocked])
        world.finish()
        #expect(world.state(0) == .done)
    }

    @Test func tooManyFailuresGiveUpWhatHasNotBegun() {
        var world = workflow(100, lacking: 0, failing: 2, slots: 2)
        for i in [1, 3, 4] { fail(&world, i) }
        #expect(world.state(2) == .running)
        #expect(world.engine.states[5...100].allSatisfy { $0 == .withheld || $0 == .running })
        #expect(world.reason(50) == Reason(.branchesFailed, TaskIndex(4)))
        world.finish()
        #expect(world.actions.last == .runEnded)
        #expect(world.engine.states[5...100].filter { $0 == .done }.count <= 1)
        #expect(world.state(0) == .blocked)
    }

    @Test func whatOthersNeedIsNotGivenUp() {
        var world = World()
        let once = world.engine.number(of: Terms(retry: .never))
        world.tell(.allows(TaskIndex(1), lacking: 0, failing: 0))
        let tasks = [
            task(0, needs: [1, 4], family: 0), task(1, needs: [2, 3, 4], family: 1), task(2, family: 1), task(3, family: 1),
            task(4, family: 1),
        ]
        world.plan(
            tasks.map {
                var task = $0
                task.terms = once
                return task
            })
        world.finish(failing: [2])
        #expect(world.engine.states[1...4] == [.blocked, .failed, .withheld, .done])
    }

    @Test func aWorkflowThatAskedForItsBranchesWhileItRanSparesThem() {
        var world = World()
        let once = world.engine.number(of: Terms(retry: .never))
        world.tell(.allows(TaskIndex(0), lacking: 1, failing: nil))
        world.plan([task(0, family: 1)])
        var new = [task(1, family: 1), task(2, family: 1)]
        for i in new.indices { new[i].terms = once }
        world.tell(.planned(new), .suspended(TaskIndex(0), needs: [TaskIndex(1), TaskIndex(2)]))
        world.finish(failing: [1])
        #expect(world.actions.contains(.resume(TaskIndex(0), on: WorkerID(0))))
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func branchesPlannedWhileOthersRunAreCountedToo() {
        var world = World(Settings(streams: true))
        let once = world.engine.number(of: Terms(retry: .never))
        world.tell(.allows(TaskIndex(0), lacking: 0, failing: 0))
        var tasks = [task(0, needs: [1, 2, 3], family: 1), task(1, family: 1), task(2, family: 1), task(3, family: 1)]
        for i in tasks.indices { tasks[i].terms = once }
        world.tell(.planned(Array(tasks[0...1])))
        world.tell(.ended(TaskIndex(1), Outcome(.raised)))
        world.tell(.planned(Array(tasks[2...])), .planEnded(roots: [TaskIndex(0)], until: []))
        #expect(world.engine.states[2...3] == [.withheld, .withheld])
        #expect(world.actions.last == .runEnded)
        #expect(world.engine.checkInvariants().isEmpty)
    }
}
