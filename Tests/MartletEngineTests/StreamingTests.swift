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
}
