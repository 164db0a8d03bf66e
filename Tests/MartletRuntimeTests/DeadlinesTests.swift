import MartletModel
import Testing

@testable import MartletRuntime

@Suite struct DeadlinesTests {
    private let second: UInt64 = 1_000_000_000

    @Test func tellsTheLimitOnceAndThenTheGrace() {
        var deadlines = Deadlines()
        #expect(deadlines.next == nil)
        deadlines.start(TaskIndex(3), limit: 2, now: 10 * second)
        #expect(deadlines.next == 12 * second)
        #expect(deadlines.take(dueBy: 12 * second - 1).isEmpty && !deadlines.isOver(TaskIndex(3)))
        #expect(deadlines.take(dueBy: 12 * second) == [.limit(TaskIndex(3))])
        #expect(deadlines.isOver(TaskIndex(3)))
        #expect(deadlines.take(dueBy: 12 * second).isEmpty)
        #expect(deadlines.take(dueBy: 17 * second) == [.grace(TaskIndex(3))])
        #expect(deadlines.take(dueBy: 99 * second).isEmpty)
        deadlines.end(TaskIndex(3))
        #expect(deadlines.next == nil && !deadlines.isOver(TaskIndex(3)))
    }

    @Test func waitingForWhatATaskAskedForIsNotCounted() {
        var deadlines = Deadlines()
        deadlines.start(TaskIndex(0), limit: 10, now: 0)
        deadlines.pause(TaskIndex(0), now: 4 * second)
        #expect(deadlines.next == nil)
        deadlines.start(TaskIndex(0), limit: 10, now: 100 * second)
        #expect(deadlines.next == 106 * second)
        deadlines.pause(TaskIndex(0), now: 105 * second)
        deadlines.start(TaskIndex(0), limit: 10, now: 200 * second)
        #expect(deadlines.next == 201 * second)
    }

    @Test func aFurtherTryHasItsWholeTime() {
        var deadlines = Deadlines()
        deadlines.start(TaskIndex(0), limit: 10, now: 0)
        deadlines.end(TaskIndex(0))
        deadlines.start(TaskIndex(0), limit: 10, now: 50 * second)
        #expect(deadlines.next == 60 * second)
    }
}
