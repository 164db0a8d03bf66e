import MartletEngine
import MartletModel
import Testing

@Suite struct ClaimTests {
    private func world(_ how: ClaimSettings = ClaimSettings(), slots: Int = 1, workers: Int = 1) -> World {
        World(Settings(slots: slots, claims: how), workers: workers)
    }

    private func claims(_ world: World) -> [[Int]] {
        world.actions.compactMap { action in
            if case .claim(let tasks, _) = action { return tasks.map(\.position) }
            return nil
        }
    }

    private func released(_ world: World) -> [Int] {
        world.actions.flatMap { action in
            if case .release(let tasks) = action { return tasks.map(\.position) }
            return []
        }
    }

    @Test func nothingStartsBeforeItIsClaimed() {
        var world = world()
        world.plan([task(0, needs: [1]), task(1)])
        #expect(claims(world) == [[1]] && world.started.isEmpty)
        world.tell(.claimed([TaskIndex(1)]))
        #expect(world.started == [TaskIndex(1)])
        world.tell(.ended(TaskIndex(1), Outcome(.done, wall: 100)))
        #expect(released(world) == [1])
        #expect(claims(world) == [[1], [0]])
    }

    @Test func whatIsHeldElsewhereWaitsWhileOthersRun() {
        var world = world()
        world.plan([task(0, needs: [1, 2]), task(1), task(2)])
        world.tell(.heldElsewhere([TaskIndex(1)]))
        #expect(world.state(1) == .elsewhere && world.reason(1).code == .leasedElsewhere)
        #expect(claims(world).last == [2])
        world.tell(.claimed([TaskIndex(2)]))
        world.tell(.ended(TaskIndex(2), Outcome(.done)))
        #expect(!world.actions.contains(.runEnded))
        world.tell(.madeElsewhere([TaskIndex(1)]))
        #expect(world.state(1) == .present && world.reason(1).code == .madeElsewhere)
        #expect(claims(world).last == [0])
    }

    @Test func whatIsLetGoIsClaimedAnewForItsOldReason() {
        var world = world()
        world.plan([task(0, .incomplete)])
        world.tell(.heldElsewhere([TaskIndex(0)]))
        world.tell(.letGo([TaskIndex(0)]))
        #expect(world.reason(0).code == .incomplete)
        #expect(claims(world) == [[0], [0]])
        world.tell(.claimed([TaskIndex(0)]))
        #expect(world.started == [TaskIndex(0)])
    }

    @Test func whatWasMadeElsewhereBeforeTheClaimDoesNotStartAndIsGivenBack() {
        var world = world()
        world.plan([task(0)])
        world.tell(.madeElsewhere([TaskIndex(0)]))
        #expect(world.started.isEmpty && released(world) == [0])
        #expect(world.actions.last == .runEnded)
    }

    @Test func aForcedTaskRunsThoughAnotherRunMadeIt() {
        var world = world()
        world.plan([task(0, .forced)])
        world.tell(.madeElsewhere([TaskIndex(0)]))
        #expect(world.started == [TaskIndex(0)])
    }

    @Test func whatCannotBeLookedAtBlocksWhoNeedsIt() {
        var world = world()
        world.plan([task(0, needs: [1]), task(1)])
        world.tell(.unreachable([TaskIndex(1)]))
        #expect(world.engine.states == [.blocked, .broken])
        #expect(world.actions.last == .runEnded)
    }

    @Test func shortTasksAreClaimedTogetherWithWhatFollowsThem() {
        var world = world()
        // a chain of ten: 9 first
        world.plan((0..<10).map { task($0, needs: $0 < 9 ? [$0 + 1] : []) })
        world.tell(.claimed([TaskIndex(9)]))
        world.tell(.ended(TaskIndex(9), Outcome(.done, wall: 0.0001)))
        #expect(claims(world) == [[9], [8, 7, 6, 5, 4, 3, 2, 1, 0]])
        world.tell(.claimed((0..<9).map { TaskIndex($0) }))
        world.finish()
        #expect(world.started.map(\.position) == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
        #expect(claims(world).count == 2)
    }

    @Test func longTasksAreLeftToOthersUntilTheyCanStart() {
        var world = world(slots: 2, workers: 2)
        world.plan([task(0, needs: Array(1...10))] + (1...10).map { task($0) })
        #expect(claims(world) == [[1, 2]])
        world.tell(.claimed([TaskIndex(1), TaskIndex(2)]))
        world.tell(.ended(TaskIndex(1), Outcome(.done, wall: 60)))
        #expect(claims(world) == [[1, 2], [3]])
    }

    @Test func theOrderIsAsIfNothingWereClaimed() {
        func order(_ claims: ClaimSettings?) -> [Int] {
            var world = World(Settings(claims: claims))
            let merges = (1...5).map { task($0, needs: [2 * $0 + 4, 2 * $0 + 5]) }
            world.plan([task(0, needs: [1, 2, 3, 4, 5])] + merges + (6...15).map { task($0, priority: $0 == 12 ? 1 : 0) })
            var answered = 0
            while true {
                let asked = world.actions.compactMap { action -> [TaskIndex]? in
                    if case .claim(let tasks, _) = action { return tasks }
                    return nil
                }
                if answered < asked.count {
                    world.tell(.claimed(asked[answered]))
                    answered += 1
                } else if let running = world.engine.running.flatMap(\.tasks).first {
                    world.tell(.ended(running, Outcome(.done, wall: 0.001)))
                } else {
                    return world.started.map(\.position)
                }
            }
        }
        #expect(order(nil) == order(ClaimSettings()))
        #expect(order(nil).count == 16)
    }

    @Test func aFurtherTryKeepsItsClaim() {
        var world = world()
        world.plan([task(0)])
        world.tell(.claimed([TaskIndex(0)]))
        world.tell(.ended(TaskIndex(0), Outcome(.workerLost)))
        #expect(world.started == [TaskIndex(0), TaskIndex(0)] && claims(world).count == 1 && released(world).isEmpty)
        world.tell(.ended(TaskIndex(0), Outcome(.raised)))
        #expect(released(world) == [0])
    }

    @Test func anInterruptEndsTheWaitForOthers() {
        var world = world()
        world.plan([task(0)])
        world.tell(.heldElsewhere([TaskIndex(0)]), .interrupted(.gently))
        #expect(world.state(0) == .withheld && world.actions.last == .runEnded)
    }

    @Test func whatIsClaimedAheadAndNeverRunsIsGivenBack() {
        var world = world()
        world.plan((0..<3).map { task($0, needs: $0 < 2 ? [$0 + 1] : []) })
        world.tell(.claimed([TaskIndex(2)]))
        world.tell(.ended(TaskIndex(2), Outcome(.done, wall: 0.0001)))
        world.tell(.claimed([TaskIndex(1), TaskIndex(0)]))
        world.tell(.ended(TaskIndex(1), Outcome(.raised)))
        #expect(world.state(0) == .blocked)
        #expect(released(world).sorted() == [0, 1, 2])
    }
}
