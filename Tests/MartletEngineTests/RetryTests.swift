import MartletEngine
import MartletModel
import Testing

@Suite struct RetryTests {
    private func one(_ policy: RetryPolicy, resources: [String: Double] = [:], limits: [String: Double] = [:]) -> World {
        var world = World(Settings(limits: limits))
        var only = task(0)
        only.terms = world.engine.number(of: Terms(resources: Resources(resources), retry: policy))
        world.plan([only])
        return world
    }

    @Test func isTriedAgainAsOftenAsAllowedByCause() {
        var world = one(RetryPolicy(retries: [.storageTrouble: 2]))
        for _ in 0..<2 {
            world.tell(.ended(TaskIndex(0), Outcome(.storageTrouble)))
            #expect(world.state(0) == .running)
        }
        #expect(world.engine.attempt(of: TaskIndex(0)) == 3)
        world.tell(.ended(TaskIndex(0), Outcome(.storageTrouble)))
        #expect(world.state(0) == .failed)
        #expect(world.started.count == 3)
    }

    @Test func whatFailedInEarlierRunsCounts() {
        var world = one(RetryPolicy(retries: [.storageTrouble: 2]))
        world.tell(.triedBefore(TaskIndex(0), failed: 1))
        #expect(world.engine.attempt(of: TaskIndex(0)) == 2)
        world.tell(.ended(TaskIndex(0), Outcome(.storageTrouble)))
        #expect(world.state(0) == .running)
        // what this run has counted itself is no less
        world.tell(.triedBefore(TaskIndex(0), failed: 1))
        world.tell(.ended(TaskIndex(0), Outcome(.storageTrouble)))
        #expect(world.state(0) == .failed)
        #expect(world.started.count == 2)
    }

    @Test func aCauseThatIsNotNamedIsNotTriedAgain() {
        var world = one(RetryPolicy(retries: [.storageTrouble: 2]))
        world.tell(.ended(TaskIndex(0), Outcome(.raised)))
        #expect(world.state(0) == .failed)
    }

    @Test func waitsLongerEachTime() {
        var world = one(RetryPolicy(retries: [.raised: 4], delay: 10, backOff: 3, longestDelay: 100))
        var delays: [Double] = []
        for _ in 0..<4 {
            world.tell(.ended(TaskIndex(0), Outcome(.raised)))
            #expect(world.state(0) == .delayed)
            #expect(!world.actions.contains(.runEnded))
            for case .wake(_, let seconds) in world.actions { delays.append(seconds) }
            world.actions = []
            world.tell(.woken(TaskIndex(0)))
        }
        #expect(delays == [10, 30, 90, 100])
    }

    /// Of a task that is tried again for as long as there is something else to be done.
    private func passing(_ world: inout World) -> Int {
        world.engine.number(of: Terms(retry: RetryPolicy(retries: [.raised: 9], delay: 5, holdsRun: false)))
    }

    @Test func theRunEndsWithoutATryThatDoesNotHoldIt() {
        var world = World(workers: 3)
        var tasks = [task(0, needs: [1, 2]), task(1), task(2), task(3)]
        tasks[1].terms = passing(&world)
        world.plan(tasks, roots: [0, 3])
        world.tell(.ended(TaskIndex(1), Outcome(.raised)))
        #expect(world.state(1) == .delayed)
        #expect(world.engine.mayStayUntried(TaskIndex(1)))
        world.tell(.woken(TaskIndex(1)), .ended(TaskIndex(2), Outcome(.done)))
        #expect(world.state(1) == .running)
        world.tell(.ended(TaskIndex(1), Outcome(.raised)))
        #expect(world.state(1) == .delayed)
        world.tell(.ended(TaskIndex(3), Outcome(.done)))
        #expect(world.engine.states == [.blocked, .failed, .done, .done])
        #expect(world.reason(1) == Reason(.raised))
        #expect(world.actions.last == .runEnded)
    }

    @Test func aTryThatDoesNotHoldTheRunIsNoneAfterAnInterrupt() {
        var world = World(workers: 2)
        var tasks = [task(0), task(1)]
        tasks[0].terms = passing(&world)
        world.plan(tasks, roots: [0, 1])
        world.tell(.ended(TaskIndex(0), Outcome(.raised)))
        #expect(world.state(0) == .delayed)
        world.tell(.interrupted(.gently))
        #expect(world.state(0) == .failed)
        #expect(world.state(1) == .running)
    }

    @Test func afterRunningOutOfMemoryItGetsMore() {
        var world = one(.standard, resources: ["memory_gb": 2], limits: ["memory_gb": 8])
        world.tell(.ended(TaskIndex(0), Outcome(.outOfMemory)))
        #expect(world.engine.terms(of: TaskIndex(0)).resources == Resources(["memory_gb": 4]))
        world.tell(.ended(TaskIndex(0), Outcome(.outOfMemory)))
        #expect(world.state(0) == .failed)
    }

    @Test func thereIsNoMoreMemoryThanThereIs() {
        var world = one(.standard, resources: ["memory_gb": 6], limits: ["memory_gb": 8])
        world.tell(.ended(TaskIndex(0), Outcome(.outOfMemory)))
        #expect(world.engine.terms(of: TaskIndex(0)).resources == Resources(["memory_gb": 6]))
        #expect(world.state(0) == .running)
    }

    @Test func nothingIsTriedAgainOnceTheRunIsStopped() {
        var world = one(RetryPolicy(retries: [.raised: 4], delay: 10))
        world.tell(.interrupted(.gently))
        world.tell(.ended(TaskIndex(0), Outcome(.raised)))
        #expect(world.state(0) == .failed)
        var waiting = one(RetryPolicy(retries: [.raised: 4], delay: 10))
        waiting.tell(.ended(TaskIndex(0), Outcome(.raised)))
        waiting.tell(.interrupted(.gently))
        #expect(waiting.state(0) == .withheld)
        #expect(waiting.actions.last == .runEnded)
    }
}
