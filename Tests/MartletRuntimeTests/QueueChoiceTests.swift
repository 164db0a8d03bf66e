import MartletTesting
import Testing

@testable import MartletRuntime

@Suite struct QueueChoiceTests {
    private typealias Load = QueueChoice.Load

    private func shares(
        _ choice: QueueChoice = QueueChoice(), of jobs: Int, among queues: [String] = ["a", "b", "c"], _ loads: [String: Load] = [:],
        now: UInt64 = 1
    ) -> [String: Int] {
        var choice = choice
        let shares = choice.shares(of: jobs, among: queues, now: now) { loads }
        return Dictionary(shares.map { ($0.queue, $0.jobs) }, uniquingKeysWith: +)
    }

    @Test func queuesOfWhichNothingIsKnownGetTheSame() {
        #expect(shares(of: 90) == ["a": 30, "b": 30, "c": 30])
        #expect(shares(of: 1) == ["a": 1])
        #expect(shares(of: 50_000) == ["a": 100, "b": 100, "c": 100])
    }

    @Test func whoeverRunsMoreGetsMore() {
        let loads = ["a": Load(pending: 100, running: 20), "b": Load(pending: 0, running: 900), "c": Load(pending: 50)]
        #expect(shares(of: 5000, loads) == ["b": 900, "c": 50])
        #expect(shares(of: 95, loads) == ["b": 90, "c": 5])
    }

    @Test func whatWasGivenCountsUntilJobsAreCountedAgain() {
        var choice = QueueChoice()
        #expect(choice.shares(of: 500, among: ["a"], now: 1, count: { [:] }).map(\.jobs) == [100])
        #expect(choice.shares(of: 500, among: ["a"], now: 2, count: { [:] }).isEmpty)
        let loads = ["a": Load(pending: 10, running: 130)]
        #expect(choice.shares(of: 500, among: ["a"], now: 1_000_000_002, count: { loads }).map(\.jobs) == [120])
    }

    @Test func nobodyGetsAnythingWhereAllAreFull() {
        #expect(shares(of: 10, ["a": Load(pending: 100), "b": Load(pending: 300, running: 300), "c": Load(pending: 101)]).isEmpty)
        #expect(shares(of: 10, among: ["a", "b"], ["a": Load(pending: 76), "b": Load(pending: 75)]) == ["b": 10], "almost full")
    }

    @Test func aQueueThatLosesJobsRestsAndIsTriedAgain() {
        var choice = QueueChoice()
        for _ in 1..<QueueChoice.mostLosses { #expect(choice.lost(at: "a", now: 10) == nil) }
        #expect(choice.lost(at: "a", now: 10) == 300)
        // those that were there already
        for _ in 0..<50 { #expect(choice.lost(at: "a", now: 11) == nil) }
        #expect(shares(choice, of: 10, among: ["a", "b"], now: 12) == ["b": 10])
        let later = 11 + QueueChoice.firstRest
        #expect(shares(choice, of: 5000, among: ["a", "b"], now: later) == ["a": QueueChoice.trial, "b": 100])
        let some = ["a": Load(pending: 1, running: 6), "b": Load(running: 200)]
        #expect(shares(choice, of: 5000, among: ["a", "b"], some, now: later) == ["a": 3, "b": 200])
        #expect(choice.lost(at: "a", now: later) == 600)
        choice.succeeded(at: "a")
        #expect(shares(choice, of: 10, among: ["a", "b"], now: later + 1) == ["a": 5, "b": 5])
    }

    @Test(arguments: 1...200) func noMoreThanThereAreAndThanThereIsRoomFor(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let queues = (0..<Int.random(in: 1...8, using: &random)).map { "q\($0)" }
        var loads: [String: Load] = [:]
        for queue in queues {
            loads[queue] = Load(pending: Int.random(in: 0...400, using: &random), running: Int.random(in: 0...400, using: &random))
        }
        let room = loads.mapValues { load in
            let most = max(100, load.running), room = most - load.pending
            return room < most / 4 ? 0 : room
        }
        let jobs = Int.random(in: 0...3000, using: &random), given = shares(of: jobs, among: queues, loads)
        #expect(given.values.reduce(0, +) == min(jobs, room.values.reduce(0, +)))
        #expect(given.allSatisfy { $0.value <= room[$0.key]! })
    }
}
