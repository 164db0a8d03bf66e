import MartletEngine
import MartletModel
import MartletPorts
import MartletTesting
import Testing

@testable import MartletRuntime

/// Seeded chains of runs over one batch system that lies: runs that do not wait, are killed between any two turns, or come to
/// their end, of all tasks or some, with tasks that fail in all ways, run as one, or share a resource. However that goes, no task
/// is tried more often than it may be before a run has told that it failed, its memory grows with each job that lacked some,
/// no two jobs have the same task, and in the end everything is made.
@Suite struct JobRunsSimulationTests {
    /// One history.
    private struct History {
        let runs: JobRuns
        var random: SeededRandom
        let count: Int
        let kinds: [Int]
        var isKind = false
        var done: Set<Int> = []
        /// Executions that have failed, since the task was wanted anew.
        var failed: [Int: Int] = [:]
        var shortages: [Int: Int] = [:]
        /// No try is left, and nobody was told.
        var usedUp: Set<Int> = []
        var violations: [String] = []

        static let terms = [
            Terms(lane: .batch, retry: RetryPolicy(retries: [.workerLost: 1, .outOfMemory: 1])),
            Terms(lane: .batch, retry: RetryPolicy(retries: [.workerLost: 2, .outOfMemory: 3, .raised: 1]), batch: BatchTerms(group: 0, most: 3)),
            Terms(lane: .batch, resources: Resources(["db": 1]), retry: RetryPolicy(retries: [.outOfMemory: 2])),
        ]

        init(_ seed: UInt64) throws {
            random = SeededRandom(seed: seed)
            runs = try JobRuns()
            runs.grace = 30
            runs.batch.mostElements = Int.random(in: 1...4, using: &random)
            runs.tasksPerJob = Int.random(in: 1...3, using: &random)
            runs.parallelJobs = random.chance(0.5) ? .max : Int.random(in: 1...3, using: &random)
            count = Int.random(in: 1...8, using: &random)
            var kinds: [Int] = []
            for _ in 0..<count { kinds.append(Int.random(in: 0..<3, using: &random)) }
            self.kinds = kinds
        }

        private func terms(_ task: Int) -> Terms { History.terms[kinds[task]] }

        mutating func begin(_ wanted: [Int]) throws {
            try runs.begin(wanted.map { ($0, done.contains($0)) }, limits: #"{"db":2}"#) { [kinds] in History.terms[kinds[$0]] }
        }

        mutating func turn() throws {
            try runs.turn()
            runs.batch.step()
            violations += runs.driver.engine.checkInvariants()
            let tasks = runs.batch.keys.filter { !runs.batch.isOver($0) }.flatMap { runs.slice($0).joined() }
            if Set(tasks).count != tasks.count { violations.append("two jobs have one task: \(tasks)") }
            for key in runs.atWork where random.chance(0.4) { try end(key) }
        }

        /// A job does its slice.
        private mutating func end(_ key: JobKey) throws {
            let memory = runs.batch.arrays.first { $0.tag == key.tag }?.options.memory ?? 0
            var outcomes: [Outcome.Kind] = []
            for (place, tasks) in runs.slice(key).enumerated() {
                for task in tasks { check(task, memory) }
                switch isKind ? 0 : Int.random(in: 0..<6, using: &random) {
                case 0...2:
                    done.formUnion(tasks)
                    outcomes.append(.done)
                case 3:
                    fail(tasks, .raised)
                    outcomes.append(.raised)
                case 4:
                    fail(tasks, .outOfMemory)
                    return try runs.end(key, outcomes, begun: place, as: .outOfMemory)
                default:
                    fail(tasks, .workerLost)
                    return try runs.end(key, outcomes, begun: place, as: .evicted("wanted"))
                }
            }
            try runs.end(key, outcomes)
        }

        private mutating func check(_ task: Int, _ memory: UInt64) {
            if done.contains(task) { violations.append("task \(task) was made, and runs again") }
            if usedUp.contains(task) { violations.append("task \(task) is tried more often than it may be") }
            if memory < 4 << shortages[task, default: 0] { violations.append("task \(task) gets \(memory) as before") }
        }

        private mutating func fail(_ tasks: [Int], _ kind: Outcome.Kind) {
            for task in tasks {
                failed[task, default: 0] += 1
                if kind == .outOfMemory { shortages[task, default: 0] += 1 }
                let policy = terms(task).retry
                if policy.allowsAnother(after: kind, failed: failed[task]!) { continue }
                // what is never tried again by itself is tried by whoever wants it again
                if policy.retries[kind] ?? 0 > 0 { usedUp.insert(task) } else { forget(task) }
            }
        }

        private mutating func forget(_ task: Int) {
            usedUp.remove(task)
            (failed[task], shortages[task]) = (nil, nil)
        }

        /// The run has told which tasks failed.
        mutating func tell() {
            for task in runs.failed where usedUp.contains(task) { forget(task) }
        }

        mutating func run() throws {
            let wanted = random.chance(0.7) ? Array(0..<count) : (0..<count).filter { _ in random.chance(0.5) }
            if wanted.isEmpty { return }
            try begin(wanted)
            let isPatient = random.chance(0.3), killedAt = random.chance(0.5) ? Int.random(in: 1...25, using: &random) : .max
            for turn in 0..<400 where violations.isEmpty {
                if turn == killedAt { return }
                try self.turn()
                if runs.hasEnded {
                    runs.end()
                    return tell()
                }
                if !isPatient && runs.driver.isAtRest {
                    try runs.leave()
                    return tell()
                }
            }
            violations.append("a run does not end")
        }

        mutating func inject() {
            let faults: [(FakeBatch.Fault, BatchQuestion.Kind)] = [
                (.actAndDoubt("timed out"), .submit), (.doubt("refused"), .submit), (.half("broke off"), .submit),
                (.unreachable, .list), (.partial, .list), (.lag, .list), (.delay(steps: 5), .submit), (.slow(looks: 3), .list),
            ]
            let (fault, kind) = faults.randomElement(using: &random)!
            runs.batch.inject(fault, on: kind)
        }

        /// In the end nothing fails any more: after one run that tells what had failed the next makes all.
        mutating func finish() throws {
            isKind = true
            for _ in 0..<2 {
                try begin(Array(0..<count))
                for _ in 0..<400 where !runs.hasEnded { try turn() }
                runs.end()
                tell()
            }
            if done.count != count { violations.append("only \(done.sorted()) of \(count) are made") }
        }
    }

    private func play(_ seed: UInt64) throws -> String? {
        var history = try History(seed)
        for _ in 0..<Int.random(in: 1...12, using: &history.random) where history.violations.isEmpty {
            if history.random.chance(0.3) { history.inject() }
            try history.run()
        }
        if history.violations.isEmpty { try history.finish() }
        return history.violations.first
    }

    @Test(arguments: 0..<10) func noTaskIsTriedMoreOftenThanItMayBe(part: Int) throws {
        for seed in UInt64(part * 40)..<UInt64(part * 40 + 40) {
            if let wrong = try play(seed) { Issue.record("seed \(seed): \(wrong)") }
        }
    }
}
