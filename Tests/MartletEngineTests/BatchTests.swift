import MartletEngine
import MartletModel
import Testing

@Suite struct BatchTests {
    /// A world whose tasks 1… may run as one, needed by task 0.
    private func world(_ count: Int, most: Int = .max, retry: RetryPolicy = .never, workers: Int = 1) -> World {
        var world = World(Settings(slots: workers), workers: workers)
        let terms = world.engine.number(of: Terms(retry: retry, batch: BatchTerms(group: 0, most: most)))
        var tasks = [task(0, needs: Array(1...count))]
        for i in 1...count {
            var one = task(i, priority: i == 3 ? 5 : 0)
            one.terms = terms
            tasks.append(one)
        }
        world.plan(tasks)
        return world
    }

    private func followers(_ world: World, _ leader: Int) -> [Int] {
        world.engine.followers(of: TaskIndex(leader)).map(\.position)
    }

    @Test func oneTaskLeadsThoseThatAreReadyInOrder() {
        var world = world(4)
        #expect(world.started == [TaskIndex(3)])
        #expect(followers(world, 3) == [1, 2, 4])
        #expect(world.engine.states == [.waiting, .running, .running, .running, .running])
        world.tell(.ended(TaskIndex(3), Outcome(.done)))
        #expect(world.engine.states == [.running, .done, .done, .done, .done])
        #expect(followers(world, 3).isEmpty)
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func thoseWhoPartFromTheirLeaderAreReadyAgain() {
        var world = world(4)
        // 2 is no follower of 1
        world.tell(.parted([TaskIndex(1), TaskIndex(4)], from: TaskIndex(3)), .parted([TaskIndex(2)], from: TaskIndex(1)))
        #expect(followers(world, 3) == [2])
        #expect(world.engine.states == [.waiting, .ready, .running, .running, .ready])
        #expect(world.engine.checkInvariants().isEmpty)
        world.tell(.ended(TaskIndex(3), Outcome(.done)))
        #expect(world.started.last == TaskIndex(1) && followers(world, 1) == [4])
        world.tell(.ended(TaskIndex(1), Outcome(.done)))
        #expect(world.engine.states == [.running, .done, .done, .done, .done])
    }

    @Test func noMoreThanTheMost() {
        var world = world(5, most: 2)
        #expect(followers(world, 3) == [1])
        world.tell(.ended(TaskIndex(3), Outcome(.done)))
        #expect(world.started == [3, 2].map { TaskIndex($0) })
        #expect(followers(world, 2) == [4])
        world.tell(.ended(TaskIndex(2), Outcome(.done)))
        // the last one runs as itself
        #expect(world.started.last == TaskIndex(5) && followers(world, 5).isEmpty)
    }

    @Test func workersShareWhatIsReady() {
        let world = world(5, most: 2, workers: 2)
        #expect(world.started == [3, 2].map { TaskIndex($0) })
        #expect(followers(world, 3) == [1] && followers(world, 2) == [4])
    }

    @Test func allFailTogether() {
        var world = world(3)
        world.tell(.ended(TaskIndex(3), Outcome(.raised)))
        #expect(world.engine.states == [.blocked, .failed, .failed, .failed])
        #expect(world.actions.last == .runEnded)
    }

    @Test func allAreTriedAgainTogether() {
        var world = world(3, retry: RetryPolicy(retries: [.raised: 1]))
        world.tell(.ended(TaskIndex(3), Outcome(.raised)))
        #expect(world.started == [3, 3].map { TaskIndex($0) })
        #expect(followers(world, 3) == [1, 2])
        #expect(world.engine.attempt(of: TaskIndex(1)) == 2)
        world.tell(.ended(TaskIndex(3), Outcome(.raised)))
        #expect(world.engine.states == [.blocked, .failed, .failed, .failed])
    }

    @Test func otherGroupsAndResourcesKeepApart() {
        var world = World(Settings(slots: 4, limits: ["gpu": 4]), workers: 4)
        let numbers = [
            Terms(batch: BatchTerms(group: 0, most: 9)), Terms(batch: BatchTerms(group: 1, most: 9)),
            Terms(resources: Resources(["gpu": 1]), batch: BatchTerms(group: 2, most: 9)), Terms(),
        ].map { world.engine.number(of: $0) }
        let tasks = (1...8).map { i in
            var one = task(i)
            one.terms = numbers[i % 4]
            return one
        }
        world.plan([task(0, needs: Array(1...8))] + tasks)
        #expect(world.started.map(\.position) == [1, 2, 3, 4])
        #expect((1...4).map { followers(world, $0) } == [[5], [6], [], [8]])
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func resourcesAreTakenOnce() {
        var world = World(Settings(limits: ["gpu": 1]))
        let terms = world.engine.number(of: Terms(resources: Resources(["gpu": 1]), batch: BatchTerms(group: 0, most: 9)))
        world.plan([task(0, needs: [1, 2])] + [1, 2].map { i in
            var one = task(i)
            one.terms = terms
            return one
        })
        #expect(followers(world, 1) == [2])
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func asksAndGoesOnTogether() {
        var world = world(2)
        world.tell(.planned([task(3)]), .suspended(TaskIndex(1), needs: [TaskIndex(3)]))
        #expect(world.engine.states == [.waiting, .suspended, .suspended, .running])
        world.tell(.ended(TaskIndex(3), Outcome(.done)))
        #expect(world.actions.last == .resume(TaskIndex(1), on: WorkerID(0)))
        #expect(world.engine.states == [.waiting, .running, .running, .done])
        world.tell(.ended(TaskIndex(1), Outcome(.done)))
        #expect(world.engine.states == [.running, .done, .done, .done])
    }

    @Test func askingForOneOfThemselvesIsACycle() {
        var world = world(2)
        world.tell(.planned([task(3, needs: [2])]), .suspended(TaskIndex(1), needs: [TaskIndex(3)]))
        #expect(world.engine.states == [.blocked, .failed, .failed, .blocked])
        #expect(world.actions.contains(.cycle([TaskIndex(2), TaskIndex(3)])))
        #expect(world.engine.checkInvariants().isEmpty)
    }

    @Test func whatTheyAskForFails() {
        var world = world(2)
        world.tell(.planned([task(3)]), .suspended(TaskIndex(1), needs: [TaskIndex(3)]))
        world.tell(.ended(TaskIndex(3), Outcome(.raised)))
        #expect(world.engine.states == [.blocked, .blocked, .blocked, .failed])
        #expect(world.actions.contains(.forget(TaskIndex(1), on: WorkerID(0))))
    }

    @Test func whenTheirWorkerIsGoneTheyStartAnew() {
        var world = world(2, workers: 2)
        world.tell(.planned([task(3)]), .suspended(TaskIndex(1), needs: [TaskIndex(3)]))
        world.tell(.workerLeft(WorkerID(0)))
        #expect(world.engine.checkInvariants().isEmpty)
        world.finish()
        #expect(world.started.map(\.position).filter { $0 == 1 }.count == 2)
        #expect(world.engine.states == [.done, .done, .done, .done])
    }

    @Test func soTheyDoWhenTheyWereAboutToGoOn() {
        var world = World(Settings(slots: 2), workers: 2)
        let terms = world.engine.number(of: Terms(batch: BatchTerms(group: 0, most: 9)))
        world.plan((0...4).map { i in
            var one = task(i, needs: i == 0 ? [1, 2, 3, 4] : [])
            if i == 1 || i == 2 { one.terms = terms }
            return one
        })
        world.tell(.planned([task(5)]), .suspended(TaskIndex(1), needs: [TaskIndex(5)]))
        world.tell(.ended(TaskIndex(3), Outcome(.done)))
        world.tell(.ended(TaskIndex(5), Outcome(.done)))
        // their worker is busy by now
        #expect(world.engine.states == [.waiting, .ready, .ready, .done, .running, .done])
        world.tell(.workerLeft(WorkerID(0)), .ended(TaskIndex(4), Outcome(.done)))
        #expect(world.engine.checkInvariants().isEmpty)
        world.finish()
        #expect(world.engine.states == [.done, .done, .done, .done, .done, .done])
    }

    @Test func areWithheldTogether() {
        var world = world(2)
        world.tell(.planned([task(3)]), .suspended(TaskIndex(1), needs: [TaskIndex(3)]))
        world.tell(.interrupted(.gently))
        world.tell(.ended(TaskIndex(3), Outcome(.done)))
        #expect(world.engine.states == [.withheld, .withheld, .withheld, .done])
        #expect(world.actions.contains(.forget(TaskIndex(1), on: WorkerID(0))))
        #expect(world.actions.last == .runEnded)
    }
}
