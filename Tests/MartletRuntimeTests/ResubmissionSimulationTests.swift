import MartletModel
import MartletPorts
import MartletTesting
import Testing

@testable import MartletRuntime

/// Seeded histories: a run dies, some of its jobs hang; commands that submit jobs again are killed after any number of steps,
/// over a batch system that lags, breaks off and loses answers; another run follows. However that goes, no two jobs with one
/// task are alive at a time, and every task is done in the end.
@Suite struct ResubmissionSimulationTests {
    private func fault(_ random: inout SeededRandom) -> BatchFault {
        batchFault(&random, or: [
            { _ in (.actAndDoubt("timed out"), .cancel, 1) },
            { random in (.refuse("not now"), .cancel, Int.random(in: 1...3, using: &random)) },
        ])
    }

    /// One history.
    private final class History {
        let bench: JobBench
        var random: SeededRandom
        /// Jobs that do not end by themselves.
        var hung: Set<JobKey> = []
        var wrong: String?

        init(_ seed: UInt64) throws {
            random = SeededRandom(seed: seed)
            // lists lag for three seconds at the most
            bench = try JobBench(grace: 30, mostElements: Int.random(in: 1...6, using: &random))
        }

        /// Whether no task has two jobs that are alive.
        func check() {
            var jobs: [String: JobKey] = [:]
            for key in bench.batch.keys where !bench.batch.isOver(key) {
                for task in bench.ledger.entries.first(where: { $0.tag == key.tag })?.slices.elements[key.index] ?? [] {
                    if let other = jobs.updateValue(key, forKey: task) { wrong = "\(task) is \(other.text)'s and \(key.text)'s" }
                }
            }
        }

        func resubmit(pilots: Bool) throws {
            let keys = try bench.openKeys().filter { _ in random.chance(0.5) }
            let life = Life(random.chance(0.3) ? nil : Int.random(in: 0...12, using: &random))
            _ = try bench.resubmit(keys, onlyFailed: random.chance(0.3), life: life) { if !pilots { self.check() } }
        }
    }

    private func play(_ seed: UInt64) throws -> String? {
        let history = try History(seed), bench = history.bench
        let count = Int.random(in: 1...12, using: &history.random), slice = Int.random(in: 1...3, using: &history.random)
        bench.batch.onRun = { array, index in
            let key = JobKey(array.tag, index)
            if history.hung.contains(key) { return nil }
            let size = bench.ledger.entries.first { $0.tag == array.tag }?.slices.elements[index].count ?? 0
            bench.leave(array.tag, index, count: size)
            return .succeeded
        }
        var left = Set(0..<count)
        func begin() {
            bench.begin(tasksPerJob: slice, command: "pilot")
            for task in left.sorted() { bench.start(task) }
        }
        begin()
        for _ in 0..<Int.random(in: 0...4, using: &history.random) {
            let (fault, operation, times) = fault(&history.random)
            bench.batch.inject(fault, on: operation, times: times)
        }
        for _ in 0..<Int.random(in: 1...6, using: &history.random) {
            for end in try bench.turn(stepping: false) { left.remove(end.task.position) }
        }
        history.hung = Set(bench.batch.keys.filter { _ in history.random.chance(0.6) })
        for _ in 0..<Int.random(in: 1...3, using: &history.random) { try history.resubmit(pilots: false) }
        // what hung and is nobody's concern any more is over; the rest goes on
        history.hung = []
        begin()
        for _ in 0..<1000 where !left.isEmpty {
            for end in try bench.turn() {
                let task = end.task.position
                if end.frame?.kind == .done { left.remove(task) } else { bench.start(task) }
            }
            history.check()
        }
        return history.wrong ?? (left.isEmpty ? nil : "\(left.sorted()) did not end")
    }

    @Test(arguments: 0..<5) func noTaskHasTwoJobsAtATime(part: Int) throws {
        for seed in UInt64(part * 40)..<UInt64(part * 40 + 40) {
            if let wrong = try play(seed) { Issue.record("seed \(seed): \(wrong)") }
        }
    }

    private func playPilots(_ seed: UInt64) throws -> String? {
        let history = try History(seed), bench = history.bench
        let count = Int.random(in: 1...20, using: &history.random), slice = Int.random(in: 1...3, using: &history.random)
        let pilots = Int.random(in: 1...4, using: &history.random)
        var left = Set(0..<count)
        func begin() {
            bench.begin(tasksPerJob: slice, pilots: pilots)
            for task in left.sorted() { bench.start(task) }
        }
        begin()
        for _ in 0..<Int.random(in: 1...6, using: &history.random) {
            for end in try bench.turn() { left.remove(end.task.position) }
        }
        for _ in 0..<Int.random(in: 1...3, using: &history.random) { try history.resubmit(pilots: true) }
        begin()
        for _ in 0..<1000 where !left.isEmpty {
            for end in try bench.turn() {
                let task = end.task.position
                if end.frame?.kind == .done { left.remove(task) } else { bench.start(task) }
            }
        }
        let often = bench.pilots.finished.filter { $0.value > 1 }
        if !often.isEmpty { return "finished more than once: \(often)" }
        return left.isEmpty ? nil : "\(left.sorted()) did not end"
    }

    @Test(arguments: 0..<5) func noTaskIsFinishedByTwoPilots(part: Int) throws {
        for seed in UInt64(part * 20)..<UInt64(part * 20 + 20) {
            if let wrong = try playPilots(seed) { Issue.record("seed \(seed): \(wrong)") }
        }
    }
}
