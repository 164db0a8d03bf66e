import MartletEngine
import MartletModel
import Testing

@Suite struct SuspensionTests {
    private let worker = WorkerID(UInt32(0))

    @Test func goesOnWhereItIsWhenItHasWhatItAskedFor() {
        var world = World()
        world.plan([task(0)])
        world.tell(.planned([task(1), task(2)]), .suspended(TaskIndex(0), needs: [TaskIndex(1), TaskIndex(2)]))
        #expect(world.state(0) == .suspended)
        #expect(world.started.count == 2)
        world.finish()
        #expect(world.actions.contains(.resume(TaskIndex(0), on: worker)))
        world.tell(.ended(TaskIndex(0), Outcome(.done)))
        #expect(world.engine.states == [.done, .done, .done])
        #expect(world.actions.last == .runEnded)
    }

    @Test func whatIsThereAlreadyIsNotWaitedFor() {
        var world = World()
        world.plan([task(0)])
        world.tell(.planned([task(1, .complete)]), .suspended(TaskIndex(0), needs: [TaskIndex(1)]))
        #expect(world.actions.contains(.resume(TaskIndex(0), on: worker)))
    }

    @Test func startsAnewWhenItsWorkerIsGone() {
        var world = World(Settings(slots: 2), workers: 2)
        world.plan([task(0)])
        world.tell(.planned([task(1)]), .suspended(TaskIndex(0), needs: [TaskIndex(1)]))
        let holder = world.engine.holder(of: TaskIndex(1))!
        world.tell(.workerLeft(holder == worker ? WorkerID(UInt32(1)) : worker))
        world.tell(.workerLeft(worker), .ended(TaskIndex(1), Outcome(.done)))
        world.tell(.workerJoined(WorkerID(UInt32(5)), lane: .worker, capacity: 1, ahead: true))
        #expect(world.actions.contains(.start(TaskIndex(0), on: WorkerID(UInt32(5)))))
    }

    @Test func isBlockedAndForgottenWhenWhatItAskedForFails() {
        var world = World()
        world.plan([task(0)])
        world.tell(.planned([task(1)]), .suspended(TaskIndex(0), needs: [TaskIndex(1)]))
        world.tell(.ended(TaskIndex(1), Outcome(.raised)))
        #expect(world.engine.states == [.blocked, .failed])
        #expect(world.actions.contains(.forget(TaskIndex(0), on: worker)))
        #expect(world.actions.last == .runEnded)
    }

    @Test func askingForWhatNeedsItselfIsACycle() {
        var world = World()
        world.plan([task(0, needs: [1]), task(1)])
        world.tell(.suspended(TaskIndex(1), needs: [TaskIndex(0)]))
        #expect(world.actions.contains(.cycle([TaskIndex(1), TaskIndex(0)])))
        #expect(world.engine.states == [.blocked, .failed])
    }

    @Test func aThousandNestedRequestsEndWithOneWorker() {
        var world = World()
        world.plan([task(0)])
        for i in 0..<1000 {
            world.tell(.planned([task(i + 1)]), .suspended(TaskIndex(i), needs: [TaskIndex(i + 1)]))
        }
        world.tell(.ended(TaskIndex(1000), Outcome(.done)))
        for i in (0..<1000).reversed() {
            #expect(world.actions.last == .resume(TaskIndex(i), on: worker))
            world.tell(.ended(TaskIndex(i), Outcome(.done)))
        }
        #expect(world.actions.last == .runEnded)
    }
}
