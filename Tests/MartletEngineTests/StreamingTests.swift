import MartletEngine
import MartletModel
import Testing

@Suite struct StreamingTests {
    @Test func startsBeforeEverythingIsPlanned() {
        var world = World(Settings(streams: true))
        world.tell(.planned([task(0, needs: [1, 2]), task(1, needs: [3]), task(3)]))
        #expect(world.started == [TaskIndex(3)])
        world.tell(.ended(TaskIndex(3), Outcome(.done)))
        #expect(world.started == [3, 1].map { TaskIndex($0) })
        world.tell(.ended(TaskIndex(1), Outcome(.done)))
        #expect(!world.actions.contains(.runEnded))
        world.tell(.planned([task(2, .complete)]), .planEnded(roots: [TaskIndex(0)], until: []))
        world.finish()
        #expect(world.engine.states == [.done, .done, .present, .done])
        #expect(world.actions.last == .runEnded)
    }

    @Test func everyCycleIsBrokenAndWhatIsBehindACompleteTaskRuns() {
        var world = World(Settings(streams: true))
        world.plan([
            task(0, needs: [1, 3, 4]), task(1, needs: [2]), task(2, needs: [1]), task(3, needs: [3]),
            task(4, needs: [5]), task(5, .complete, needs: [4]),
        ])
        world.finish()
        #expect(world.actions.contains(.cycle([TaskIndex(1), TaskIndex(2)])))
        #expect(world.actions.contains(.cycle([TaskIndex(3)])))
        #expect(world.engine.states == [.blocked, .broken, .broken, .broken, .done, .present])
        #expect(world.actions.last == .runEnded)
    }

    @Test func aCycleBreaksWhatNeedsItAndTheRestGoesOn() {
        var world = World(Settings(streams: true))
        world.plan([task(0, needs: [1, 3]), task(1, needs: [2]), task(2, needs: [1]), task(3)])
        world.finish()
        #expect(world.actions.contains(.cycle([TaskIndex(1), TaskIndex(2)])))
        #expect(world.engine.states == [.blocked, .broken, .broken, .done])
        #expect(world.actions.last == .runEnded)
    }

    @Test func everyOfSeveralCyclesIsBrokenUp() {
        var world = World(Settings(streams: true))
        world.plan([
            task(0, needs: [1, 3, 5]), task(1, needs: [2]), task(2, needs: [1]), task(3, needs: [4]), task(4, needs: [4]),
            task(5),
        ])
        world.finish()
        #expect(world.engine.states == [.blocked, .broken, .broken, .blocked, .broken, .done])
        #expect(world.actions.last == .runEnded)
    }

    @Test func aPlanIsOpenedInItsMiddle() {
        var world = World()
        world.tell(.planned([task(0, needs: [1, 2]), task(2, .complete)]))
        #expect(world.started.isEmpty)
        world.tell(.planOpened)
        #expect(world.engine.states == [.waiting, .unseen, .present])
        world.tell(.planned([task(1, needs: [3]), task(3)]))
        #expect(world.started == [TaskIndex(3)])
        world.tell(.planEnded(roots: [TaskIndex(0)], until: []))
        world.finish()
        #expect(world.started == [3, 1, 0].map { TaskIndex($0) })
        #expect(world.actions.last == .runEnded)
    }

    @Test func batchesWaitForTheEndOfThePlan() {
        var world = World(Settings(slots: 2, streams: true), workers: 2)
        let terms = world.engine.number(of: Terms(batch: BatchTerms(group: 0, most: 2)))
        func one(_ i: Int) -> PlannedTask {
            var one = task(i)
            one.terms = terms
            return one
        }
        world.tell(.planned([task(0, needs: [1, 2, 3, 4]), one(1), task(4)]))
        #expect(world.started == [TaskIndex(4)])
        world.tell(.planned([one(2), one(3)]), .planEnded(roots: [TaskIndex(0)], until: []))
        #expect(world.started == [4, 1].map { TaskIndex($0) })
        #expect(world.engine.followers(of: TaskIndex(1)) == [TaskIndex(2)])
        world.finish()
        #expect(world.actions.last == .runEnded)
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func aPriorityFoundLateCountsFromThenOn() {
        var world = World(Settings(streams: true))
        world.tell(.planned([task(5, needs: [0, 1, 2, 4]), task(0), task(1), task(2)]))
        #expect(world.started == [TaskIndex(0)])
        // task 4 is urgent, and so is what it needs: task 2, which is ready, and task 3, which is planned after it
        world.tell(.planned([task(4, needs: [2, 3], priority: 3), task(3)]), .planEnded(roots: [TaskIndex(5)], until: []))
        world.finish()
        #expect(world.started == [0, 2, 3, 4, 1, 5].map { TaskIndex($0) })
    }

    @Test func aTaskThatWaitsCanBeRefused() {
        var world = World(Settings(streams: true))
        world.tell(.planned([task(0, needs: [1]), task(1, needs: [2]), task(2)]))
        world.tell(.refused(TaskIndex(1)), .refused(TaskIndex(2)))
        world.tell(.planEnded(roots: [TaskIndex(0)], until: []))
        world.finish()
        #expect(world.engine.states == [.blocked, .broken, .done])
        #expect(world.reason(1) == Reason(.planningFailed))
    }

    @Test func whatIsAskedForMayBeUnplanned() {
        var world = World(Settings(streams: true))
        world.tell(.planned([task(0)]))
        world.tell(.suspended(TaskIndex(0), needs: [TaskIndex(1)]))
        #expect(world.state(0) == .suspended)
        world.tell(.planned([task(1)]), .planEnded(roots: [TaskIndex(0)], until: []))
        #expect(world.started == [0, 1].map { TaskIndex($0) })
        world.tell(.ended(TaskIndex(1), Outcome(.done)))
        #expect(world.actions.last == .resume(TaskIndex(0), on: WorkerID(UInt32(0))))
    }
}

@Suite struct OutdatedWorkerTests {
    @Test func itFinishesWhatItHoldsGoesOnWithWhatItKeepsAndIsReplaced() {
        var world = World()
        let old = WorkerID(UInt32(0))
        world.plan([task(0, needs: [1, 2]), task(1), task(2)])
        world.tell(.outdated(old))
        #expect(world.started == [TaskIndex(1)])
        world.tell(.planned([task(3)]), .suspended(TaskIndex(1), needs: [TaskIndex(3)]))
        // it keeps a task half done: it stays, and gets nothing new
        #expect(!world.actions.contains(.retire(old)))
        #expect(world.actions.contains { if case .wantWorkers = $0 { return true } else { return false } })
        let new = WorkerID(UInt32(7))
        world.tell(.workerJoined(new, lane: .worker, capacity: 1, ahead: false))
        #expect(world.actions.contains(.start(TaskIndex(2), on: new)))
        world.tell(.ended(TaskIndex(2), Outcome(.done)))
        world.tell(.ended(TaskIndex(3), Outcome(.done)))
        #expect(world.actions.contains(.resume(TaskIndex(1), on: old)))
        world.tell(.ended(TaskIndex(1), Outcome(.done)))
        #expect(world.actions.contains(.retire(old)))
        #expect(world.actions.contains(.start(TaskIndex(0), on: new)))
    }
}
