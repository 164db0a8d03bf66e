import MartletEngine
import MartletModel
import Testing

@Suite struct BreakerTests {
    /// Loses the worker of whatever was started last, and lets a new one join.
    private func lose(_ world: inout World, _ worker: Int) {
        let task = world.started.last!
        world.tell(.workerLeft(WorkerID(UInt32(worker))))
        world.tell(.ended(task, Outcome(.workerLost)))
        world.tell(.workerJoined(WorkerID(UInt32(worker + 1)), lane: .worker, capacity: 1, ahead: true))
    }

    @Test func aFamilyThatKillsEveryProcessIsNotStartedAnyMore() {
        var world = World(Settings(lossesInARow: 4))
        var tasks = [task(0, needs: Array(1...100), family: 0), task(101, family: 2)]
        for i in 1...100 { tasks.append(task(i, family: 1)) }
        world.plan(tasks, roots: [0, 101])
        #expect(world.started.last == TaskIndex(101))
        world.tell(.ended(TaskIndex(101), Outcome(.done)))
        for worker in 0..<4 { lose(&world, worker) }
        // two tasks, each tried twice
        #expect(world.started.count == 5)
        #expect(world.actions.last == .runEnded)
        #expect(world.engine.states[0] == .blocked)
        #expect(world.engine.states[1...100].filter { $0 == .withheld }.count == 98)
        #expect(world.reason(50) == Reason(.poisoned, TaskIndex(2)))
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func othersGoOn() {
        var world = World(Settings(lossesInARow: 2))
        world.plan([task(0, needs: [1, 2, 3], family: 0), task(1, family: 1), task(2, family: 1), task(3, family: 2)])
        lose(&world, 0)
        lose(&world, 1)
        #expect(world.engine.states[1] == .failed)
        #expect(world.engine.states[2] == .withheld)
        #expect(world.started.last == TaskIndex(3))
        world.finish()
        #expect(world.engine.states[3] == .done)
    }

    @Test func whatHasBegunGoesOn() {
        var world = World(Settings(slots: 3, lossesInARow: 1), workers: 3)
        let families = [0, 1, 1, 2, 2]
        world.plan(families.indices.map { task($0, needs: $0 == 0 ? [1, 2, 3, 4] : [], family: families[$0]) })
        world.tell(.planned([task(5, family: 2)]), .suspended(TaskIndex(1), needs: [TaskIndex(5)]))
        // its worker is busy by now
        #expect(world.started.last == TaskIndex(4))
        world.tell(.ended(TaskIndex(3), Outcome(.done)))
        world.tell(.ended(TaskIndex(5), Outcome(.done)))
        #expect(world.engine.states[1] == .ready)
        world.tell(.workerLeft(WorkerID(1)), .ended(TaskIndex(2), Outcome(.workerLost)))
        #expect(world.engine.states[1...2] == [.ready, .failed])
        world.tell(.ended(TaskIndex(4), Outcome(.done)))
        #expect(world.actions.last == .resume(TaskIndex(1), on: WorkerID(0)))
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func aSuccessBetweenStartsTheCountAnew() {
        var world = World(Settings(lossesInARow: 3))
        world.plan([task(0, needs: [1, 2, 3], family: 0)] + (1...3).map { task($0, family: 1) })
        lose(&world, 0)
        lose(&world, 1)
        #expect(world.engine.states[1] == .failed)
        world.tell(.ended(TaskIndex(2), Outcome(.done)))
        lose(&world, 2)
        world.finish()
        #expect(world.engine.states[3] == .done)
    }

    @Test func whatWaitsIsHeldBackWhenItsTurnComes() {
        var world = World(Settings(lossesInARow: 2))
        world.plan([
            task(0, needs: [1, 2], family: 0), task(1, family: 1), task(2, needs: [3], family: 1), task(3, family: 2),
        ])
        lose(&world, 0)
        lose(&world, 1)
        #expect(world.engine.states[2] == .waiting)
        world.finish()
        #expect(world.engine.states == [.blocked, .failed, .withheld, .done])
        #expect(world.reason(2).code == .poisoned)
    }
}
