import MartletModel
import MartletPorts
import MartletTesting
import Testing

@testable import MartletRuntime

/// Seeded histories: a batch system that lies, lags, breaks off, loses answers and uses ids again, and drivers that are
/// killed between any two turns. However that goes, each task gets one job, as long as lists lag no longer than the grace.
@Suite struct RemoteJobsSimulationTests {
    private func fault(_ random: inout SeededRandom) -> BatchFault {
        batchFault(&random, or: [
            { _ in (.reuseIDs, .submit, 1) },
            { random in (.delay(steps: Int.random(in: 1...20, using: &random)), .submit, 1) },
            { random in (.slow(looks: Int.random(in: 1...10, using: &random)), .list, 1) },
            { random in (.slow(looks: Int.random(in: 1...10, using: &random)), .submit, 1) },
        ])
    }

    private func play(_ seed: UInt64) throws -> String? {
        var random = SeededRandom(seed: seed)
        // lists lag for three seconds at the most, and a question is asked each second
        let bench = try JobBench(grace: 30, mostElements: Int.random(in: 1...6, using: &random))
        let count = Int.random(in: 1...20, using: &random), slice = Int.random(in: 1...3, using: &random)
        let room = random.chance(0.5) ? Int.max : Int.random(in: 1...5, using: &random)
        var left = Set(0..<count)
        func begin() {
            bench.begin(parallelJobs: room, tasksPerJob: slice)
            for task in left.sorted() { bench.start(task) }
        }
        begin()
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let (fault, operation, times) = fault(&random)
            bench.batch.inject(fault, on: operation, times: times)
        }
        for _ in 0..<2000 where !left.isEmpty {
            for end in try bench.turn(stepping: random.chance(0.8)) {
                guard let frame = end.frame, frame.kind == .done else { return "a task ended with \(end.cause)" }
                guard left.remove(end.task.position) != nil else { return "task \(end.task.position) ended twice" }
            }
            if random.chance(0.03) { begin() }
        }
        if !left.isEmpty { return "\(left.sorted()) did not end" }
        var jobs: [String: Int] = [:]
        for key in bench.batch.keys {
            for task in bench.ledger.entries.first(where: { $0.tag == key.tag })?.elements[key.index] ?? [] {
                jobs[task, default: 0] += 1
            }
        }
        let often = jobs.filter { $0.value > 1 }
        return often.isEmpty && jobs.count == count ? nil : "jobs: \(often.isEmpty ? jobs : often)"
    }

    @Test(arguments: 0..<20) func eachTaskGetsOneJob(part: Int) throws {
        for seed in UInt64(part * 50)..<UInt64(part * 50 + 50) {
            if let wrong = try play(seed) { Issue.record("seed \(seed): \(wrong)") }
        }
    }
}
