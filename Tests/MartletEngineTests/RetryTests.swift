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
