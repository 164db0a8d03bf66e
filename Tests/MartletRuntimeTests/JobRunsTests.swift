import MartletEngine
import MartletModel
import MartletPorts
import Testing

@testable import MartletRuntime

/// What runs that do not wait, or are killed, leave to the next one, beside their jobs.
@Suite struct JobRunsTests {
    private func runs() throws -> JobRuns { try JobRuns() }

    private func begin(
        _ runs: JobRuns, _ count: Int = 1, limits: String = "{}", terms: Terms = Terms(lane: .batch)
    ) throws {
        try runs.begin((0..<count).map { ($0, false) }, limits: limits) { _ in terms }
    }

    /// Turns until the run ends, or a job is at work.
    private func untilAtWork(_ runs: JobRuns) throws -> JobKey? {
        for _ in 0..<10 where !runs.hasEnded {
            try runs.turn()
            runs.batch.step()
            if let key = runs.atWork.first { return key }
        }
        return nil
    }

    private func state(_ runs: JobRuns, _ task: Int = 0) -> TaskState { runs.state(task) }

    private func memory(_ runs: JobRuns) -> [UInt64?] { runs.batch.arrays.map(\.options.memory) }

    @Test func triesAndMemoryGoOnFromRunToRun() throws {
        let runs = try runs(), terms = Terms(lane: .batch, retry: RetryPolicy(retries: [.outOfMemory: 2]))
        for _ in 0..<3 {
            try begin(runs, terms: terms)
            let key = try #require(try untilAtWork(runs))
            // it ends while no run is there
            if memory(runs).count < 3 { try runs.leave() }
            try runs.end(key, [], begun: 0, as: .outOfMemory)
        }
        for _ in 0..<4 { try runs.turn() }
        #expect(memory(runs) == [4, 8, 16] && state(runs) == .failed && runs.hasEnded)
        #expect(runs.ledger.entries.map { $0.slices.tries["A_0"]?.failed ?? 0 } == [0, 1, 2])
        #expect(runs.ledger.entries[2].slices.tries["A_0"]?.memory == 16)
        runs.end()
        // it has been told: whoever wants it again has all tries
        try begin(runs, terms: terms)
        _ = try untilAtWork(runs)
        #expect(memory(runs) == [4, 8, 16, 4])
    }

    @Test func whoSaysThatMemoryWasShortHasAJobWithMore() throws {
        let runs = try runs()
        try begin(runs, terms: Terms(lane: .batch, retry: RetryPolicy(retries: [.outOfMemory: 1])))
        let key = try #require(try untilAtWork(runs))
        try runs.end(key, [.outOfMemory])
        _ = try untilAtWork(runs)
        #expect(memory(runs) == [4, 8])
    }

    @Test func aTaskBetweenTwoJobsKeepsItsCount() throws {
        let runs = try runs(), terms = Terms(lane: .batch, retry: RetryPolicy(retries: [.outOfMemory: 1]))
        try begin(runs, terms: terms)
        let key = try #require(try untilAtWork(runs))
        runs.ledger.failing = ["intend"]  // the run cannot submit its next job, and is killed
        try runs.end(key, [], begun: 0, as: .outOfMemory)
        for _ in 0..<4 { try runs.turn() }
        runs.ledger.failing = []
        try begin(runs, terms: terms)
        let next = try #require(try untilAtWork(runs))
        #expect(memory(runs) == [4, 8])
        try runs.end(next, [], begun: 0, as: .outOfMemory)
        for _ in 0..<4 { try runs.turn() }
        #expect(state(runs) == .failed)
    }

    @Test func whatFailedForGoodInAKilledRunIsToldByTheNext() throws {
        let runs = try runs(), terms = Terms(lane: .batch, retry: RetryPolicy(retries: [.outOfMemory: 1]))
        try begin(runs, 2, terms: terms)
        var failures = 0
        while failures < 2 {
            _ = try untilAtWork(runs)
            for key in runs.atWork where runs.slice(key) == [[0]] {
                try runs.end(key, [], begun: 0, as: .outOfMemory)
                failures += 1
            }
        }
        for _ in 0..<4 { try runs.turn() }
        #expect(state(runs, 0) == .failed && state(runs, 1) == .running)
        // killed: nobody has heard of it
        try begin(runs, 2, terms: terms)
        for _ in 0..<4 { try runs.turn() }
        #expect(state(runs, 0) == .failed && runs.batch.arrays.count == 2)
        #expect(runs.driver.summary().contains("no try is left"))
        runs.end()
        try begin(runs, 2, terms: terms)
        for _ in 0..<4 { try runs.turn() }
        #expect(state(runs, 0) == .running && memory(runs) == [4, 8, 4])
    }

    @Test func whatATasksOwnCodeRaisedIsTriedByTheNextRun() throws {
        let runs = try runs()
        for jobs in 1...2 {
            try begin(runs)
            let key = try #require(try untilAtWork(runs))
            #expect(runs.batch.arrays.count == jobs)
            try runs.end(key, [.raised])
            for _ in 0..<4 { try runs.turn() }
            #expect(state(runs) == .failed && runs.ledger.closedTries.isEmpty)
            // killed
        }
    }

    @Test func triesAfterItsOwnErrorsGoOn() throws {
        let runs = try runs(), terms = Terms(lane: .batch, retry: RetryPolicy(retries: [.raised: 2]))
        for job in 1...3 {
            try begin(runs, terms: terms)
            let key = try #require(try untilAtWork(runs), "job \(job)")
            try runs.end(key, [.raised])
            for _ in 0..<3 { try runs.turn() }
            if job < 3 { #expect(runs.batch.arrays.count == job + 1) }
        }
        #expect(state(runs) == .failed)
    }

    // MARK: tasks that run as one

    private var asOne: Terms { Terms(lane: .batch, batch: BatchTerms(group: 0, most: 10)) }

    @Test func aJobOfSeveralTasksIsFoundByAllOfThem() throws {
        let runs = try runs()
        try begin(runs, 3, terms: asOne)
        let key = try #require(try untilAtWork(runs))
        #expect(runs.slice(key) == [[0, 1, 2]])
        try runs.leave()
        #expect(runs.driver.leftJobs.tasks.count == 3 && runs.driver.leftJobs.jobs == 1)
        // more are ready, and the first of all is new
        try runs.begin([5, 1, 2, 3, 4, 0].map { ($0, false) }) { _ in asOne }
        for _ in 0..<4 { try runs.turn() }
        #expect(runs.ledger.entries.count == 2 && runs.batch.keys.count == 2)
        #expect(Set(runs.slice(JobKey("t2", 0))[0]) == [3, 4, 5])
        try runs.end(key, [.done])
        for _ in 0..<4 { try runs.turn() }
        #expect((0..<3).allSatisfy { state(runs, $0) == .done } && state(runs, 4) == .running)
    }

    @Test func whoFollowsOnlyInTheNextRunJoinsItsOwnJob() throws {
        let runs = try runs()
        try begin(runs, 3, terms: asOne)
        let key = try #require(try untilAtWork(runs))
        // only the last is wanted
        try runs.begin([(2, false)]) { _ in asOne }
        for _ in 0..<4 { try runs.turn() }
        #expect(runs.batch.keys == [key] && runs.driver.openJobs == 1)
        try runs.end(key, [], begun: 0, as: .outOfMemory)
        for _ in 0..<4 { try runs.turn() }
        // its job is tried again without the others, who have used up as much
        #expect(runs.slice(JobKey("t2", 0)) == [[2]] && memory(runs) == [4, 8])
        #expect(runs.ledger.closedTries.keys.sorted() == ["A_0", "A_1"])
        try begin(runs, 3, terms: asOne)
        for _ in 0..<4 { try runs.turn() }
        #expect(runs.slice(JobKey("t3", 0)) == [[0, 1]] && memory(runs) == [4, 8, 8])
    }

    // MARK: counted resources

    @Test func tasksThatResourcesHoldBackAreLeftForALaterRun() throws {
        let runs = try runs(), terms = Terms(lane: .batch, resources: Resources(["db": 1]))
        try begin(runs, 3, limits: #"{"db":2}"#, terms: terms)
        #expect(!runs.driver.isAtRest)
        _ = try untilAtWork(runs)
        try runs.turn()
        #expect(runs.driver.isAtRest && runs.atWork.count == 2)
        try runs.leave()
        #expect(runs.driver.leftJobs.jobs == 2 && runs.driver.leftJobs.unsubmitted == 0)
        #expect(runs.driver.leftJobs.held == ["db": 1])
    }
}
