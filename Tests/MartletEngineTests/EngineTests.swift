import MartletEngine
import MartletModel
import Testing

@Suite struct EngineTests {
    @Test func runsWhatIsMissingAfterWhatItNeeds() {
        var world = World()
        world.plan([task(0, needs: [1]), task(1, needs: [2]), task(2, .complete)])
        world.finish()
        #expect(world.started == [TaskIndex(1), TaskIndex(0)])
        #expect(world.engine.states == [.done, .done, .present])
        #expect(world.reason(0) == Reason(.succeeded))
        #expect(world.actions.last == .runEnded)
    }

    @Test func aCompleteRootEndsTheRunAtOnce() {
        var world = World()
        world.plan([task(0, .complete)])
        #expect(world.actions == [.runEnded])
        #expect(world.reason(0) == Reason(.complete))
    }

    @Test func anEmptyPlanEnds() {
        var world = World()
        world.plan([], roots: [])
        #expect(world.actions == [.runEnded])
    }

    @Test func earlierDiscoveryRunsFirstAmongEqualPriorities() {
        var world = World()
        world.plan([task(0, needs: [1, 2, 3]), task(3), task(2), task(1)])
        world.finish()
        #expect(world.started == [3, 2, 1, 0].map { TaskIndex($0) })
    }

    @Test func priorityIsHandedOnToWhatATaskNeeds() {
        var world = World()
        // 0 needs 1 and 2; 2 is urgent and needs 3
        world.plan([task(0, needs: [1, 2]), task(1), task(2, needs: [3], priority: 10), task(3)])
        world.finish()
        #expect(world.started == [3, 2, 1, 0].map { TaskIndex($0) })
    }

    @Test func aFailureBlocksWhatNeedsItAndNothingElse() {
        var world = World()
        world.plan([task(0, needs: [1, 2]), task(1, needs: [3]), task(2), task(3)])
        world.finish(failing: [3])
        #expect(world.engine.states == [.blocked, .blocked, .done, .failed])
        #expect(world.reason(0) == Reason(.blockedBy, TaskIndex(3)))
        #expect(world.reason(3) == Reason(.raised))
        #expect(world.actions.last == .runEnded)
    }

    @Test func failFastStartsNothingNew() {
        var world = World(Settings(failFast: true))
        world.plan([task(0, needs: [1, 2]), task(1), task(2)])
        world.finish(failing: [1])
        #expect(world.started == [TaskIndex(1)])
        #expect(world.engine.states == [.blocked, .failed, .withheld])
        #expect(world.reason(2) == Reason(.failFast, TaskIndex(1)))
    }

    @Test func missingDataBlocksAndTheRestRuns() {
        var world = World()
        world.plan([task(0, needs: [1, 2]), task(1, .externalAbsent), task(2)])
        world.finish()
        #expect(world.engine.states == [.blocked, .missing, .done])
    }

    @Test func aForcedTaskAndAllThatNeedItRunAgain() {
        var world = World()
        world.plan([task(0, .complete, needs: [1, 3]), task(1, .complete, needs: [2]), task(2, .forced), task(3, .complete)])
        #expect(world.reason(1) == Reason(.dependencyForced, TaskIndex(2)))
        world.finish()
        #expect(world.started == [2, 1, 0].map { TaskIndex($0) })
        #expect(world.state(3) == .present)
    }

    @Test func whatNobodyNeedsDoesNotRun() {
        var world = World()
        // seen because a forced run looks behind complete tasks
        world.plan([task(0, .complete, needs: [1]), task(1, .outputAbsent)])
        #expect(world.state(1) == .withheld)
        #expect(world.reason(1) == Reason(.notNeeded))
    }

    @Test func aWrapperIsCompleteWhenAllItNeedsIs() {
        var world = World()
        world.plan([task(0, .gathers, needs: [1]), task(1, .gathers, needs: [2]), task(2, .complete)])
        #expect(world.engine.states == [.present, .present, .present])
        var other = World()
        other.plan([task(0, .gathers, needs: [1, 2]), task(1), task(2, .complete)])
        #expect(other.reason(0) == Reason(.gathers))
        other.finish()
        #expect(other.engine.states == [.done, .done, .present])
    }

    @Test func untilStopsAtAFamily() {
        var world = World()
        world.plan(
            [task(0, needs: [1], family: 2), task(1, needs: [2, 3], family: 1), task(2), task(3)],
            until: [FamilyIndex(UInt32(1))])
        world.finish()
        #expect(world.engine.states == [.withheld, .done, .done, .done])
        #expect(world.reason(0) == Reason(.beyondUntil))
    }

    @Test func aCycleIsNamedAsItsPathAndNothingStarts() {
        var world = World()
        world.plan([task(0, needs: [1]), task(1, needs: [2]), task(2, needs: [3]), task(3, needs: [1])])
        #expect(world.actions == [.cycle([1, 2, 3].map { TaskIndex($0) }), .runEnded])
    }

    @Test func aTaskThatNeedsItselfIsACycle() {
        var world = World()
        world.plan([task(0, needs: [0])])
        #expect(world.actions.first == .cycle([TaskIndex(0)]))
    }

    @Test func whatDoesNotNeedACycleRunsWhereThatIsWanted() {
        var world = World(Settings(runsAroundCycles: true))
        world.plan([
            task(0, needs: [1, 4, 5]), task(1, needs: [2]), task(2, needs: [3]), task(3, needs: [2]), task(4, needs: [4]),
            task(5, needs: [6]), task(6), task(7, .complete),
        ])
        #expect(world.actions.contains(.cycle([TaskIndex(2), TaskIndex(3)])))
        #expect(world.actions.contains(.cycle([TaskIndex(4)])))
        world.finish()
        #expect(world.engine.states == [.blocked, .blocked, .broken, .broken, .broken, .done, .done, .present])
        #expect(world.reason(2) == Reason(.cycle))
        #expect(world.started == [6, 5].map { TaskIndex($0) })
        #expect(world.actions.last == .runEnded)
    }

    @Test func resourcesAreNeverExceeded() {
        var world = World(Settings(slots: 3, limits: ["gpu": 1]), workers: 3)
        let gpu = world.engine.number(of: Terms(resources: Resources(["gpu": 1])))
        var tasks = [task(0, needs: [1, 2, 3]), task(1), task(2), task(3)]
        tasks[1].terms = gpu
        tasks[2].terms = gpu
        world.plan(tasks)
        #expect(world.started == [TaskIndex(1), TaskIndex(3)])
        world.tell(.ended(TaskIndex(1), Outcome(.done)))
        #expect(world.started.last == TaskIndex(2))
    }

    @Test func aTaskThatNeedsMoreThanThereIsIsBroken() {
        var world = World(Settings(limits: ["gpu": 1]))
        var two = task(0)
        two.terms = world.engine.number(of: Terms(resources: Resources(["gpu": 2])))
        world.plan([two])
        #expect(world.state(0) == .broken)
        #expect(world.reason(0) == Reason(.neverFits))
    }

    @Test func aLostWorkerFailsWhatItRanAndReturnsTheRest() {
        var world = World(Settings(aheadSeconds: 1), workers: 1)
        world.planOnce([task(0, needs: [1, 2, 3]), task(1), task(2), task(3)])
        // a first short task teaches the engine that this family may be handed out ahead of time
        world.tell(.ended(TaskIndex(1), Outcome(.done, wall: 0.001)))
        #expect(world.started == [1, 2, 3].map { TaskIndex($0) })
        world.tell(.workerLeft(WorkerID(UInt32(0))))
        // what it ran is still its own until the end is known; the rest waits for another worker
        #expect(world.engine.states == [.waiting, .done, .running, .ready])
        world.tell(.ended(TaskIndex(2), Outcome(.workerLost)))
        #expect(world.engine.states == [.blocked, .done, .failed, .ready])
        #expect(world.reason(2) == Reason(.workerLost))
        #expect(world.actions.contains(.wantWorkers(1, .worker)))
        world.tell(.workerJoined(WorkerID(UInt32(1)), lane: .worker, capacity: 1, ahead: true))
        #expect(world.started.last == TaskIndex(3))
    }

    @Test func aWorkerThatIsGoneGetsNothingMore() {
        var world = World(Settings(aheadSeconds: 1), workers: 1)
        world.planOnce([task(0, needs: [1, 2, 3, 4]), task(1), task(2), task(3, needs: [2]), task(4)])
        world.tell(.ended(TaskIndex(1), Outcome(.done, wall: 0.001)))
        world.tell(.workerLeft(WorkerID(UInt32(0))))
        #expect(world.started.filter { $0 == TaskIndex(4) }.count == 1)
        world.tell(.ended(TaskIndex(2), Outcome(.workerLost)))
        #expect(world.engine.states == [.blocked, .done, .failed, .blocked, .ready])
    }

    @Test func onlySoMuchIsHandedOutAhead() {
        var world = World(Settings(aheadSeconds: 0.005, aheadTasks: 64))
        world.plan((0..<20).map { task($0, needs: $0 == 0 ? Array(1..<20) : []) })
        world.tell(.ended(TaskIndex(1), Outcome(.done, wall: 0.002)))
        // two of 2 ms each stay below 5 ms; a third would not
        #expect(world.started.count == 3)
        var tiny = World(Settings(aheadSeconds: 0.005, aheadTasks: 4))
        tiny.plan((0..<20).map { task($0, needs: $0 == 0 ? Array(1..<20) : []) })
        tiny.tell(.ended(TaskIndex(1), Outcome(.done, wall: 0.00001)))
        #expect(tiny.started.count == 5)
    }

    @Test func lessUrgentTasksAreNotHandedOutAhead() {
        var world = World(Settings(aheadSeconds: 1))
        world.plan(
            [
                task(0, needs: [1, 2, 3]), task(1, priority: 5), task(2, priority: 4),
                task(3, needs: [4], priority: 5), task(4, priority: 5),
            ])
        world.tell(.ended(TaskIndex(1), Outcome(.done, wall: 0.001)))
        // 2 is ready, but 3, which will be, comes before it
        #expect(world.started == [1, 4].map { TaskIndex($0) })
        world.tell(.ended(TaskIndex(4), Outcome(.done, wall: 0.001)))
        #expect(world.started == [1, 4, 3].map { TaskIndex($0) })
    }

    @Test func longTasksAreNotHandedOutAhead() {
        var world = World()
        world.plan([task(0, needs: [1, 2, 3]), task(1), task(2), task(3)])
        world.tell(.ended(TaskIndex(1), Outcome(.done, wall: 60)))
        #expect(world.started.count == 2)
    }

    @Test func anInterruptStartsNothingNewAndWaits() {
        var world = World()
        world.plan([task(0, needs: [1, 2]), task(1), task(2)])
        world.tell(.interrupted(.gently))
        #expect(!world.actions.contains(.runEnded))
        world.tell(.ended(TaskIndex(1), Outcome(.done)))
        #expect(world.engine.states == [.withheld, .done, .withheld])
        #expect(world.actions.last == .runEnded)
    }

    @Test func asksForNoMoreWorkersThanHaveWork() {
        var world = World(Settings(slots: 8), workers: 0)
        world.plan([task(0, needs: [1, 2, 3]), task(1), task(2), task(3)])
        #expect(world.actions == [.wantWorkers(3, .worker)])
        world.tell(.workerJoined(WorkerID(UInt32(7)), lane: .worker, capacity: 1, ahead: true))
        #expect(world.actions.filter { $0 == .wantWorkers(1, .worker) }.isEmpty)
    }

    @Test func aLateAnswerOfALostWorkerChangesNothing() {
        var world = World()
        world.planOnce([task(0)])
        world.tell(.workerLeft(WorkerID(UInt32(0))), .ended(TaskIndex(0), Outcome(.workerLost)))
        world.tell(.ended(TaskIndex(0), Outcome(.done)))
        #expect(world.state(0) == .failed)
    }

    @Test func deepChainsNeedNoDeepStack() {
        let n = 100_000
        var world = World()
        world.plan((0..<n).map { task($0, needs: $0 + 1 < n ? [$0 + 1] : [], priority: $0 == 0 ? 1 : 0) })
        #expect(world.started == [TaskIndex(n - 1)])
        world.finish(failing: [n - 1])
        #expect(world.state(0) == .blocked)
    }
}
