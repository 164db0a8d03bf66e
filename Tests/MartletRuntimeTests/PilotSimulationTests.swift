import MartletModel
import MartletPorts
import MartletTesting
import Testing

@testable import MartletRuntime

/// Seeded histories of pilots: they are killed at any instant or end when they have had enough, the batch system lies, tasks
/// trickle in, and drivers are killed between any two turns. However that goes, no task is finished twice, and none is begun
/// twice but those at which a pilot was killed.
@Suite struct PilotSimulationTests {
    private func fault(_ random: inout SeededRandom) -> BatchFault {
        batchFault(&random, or: [
            { random in (.delay(steps: Int.random(in: 1...20, using: &random)), .submit, 1) },
            { random in (.slow(looks: Int.random(in: 1...10, using: &random)), .submit, 1) },
        ])
    }

    private func play(_ seed: UInt64) throws -> String? {
        var random = SeededRandom(seed: seed)
        let bench = try JobBench(grace: 30, mostElements: Int.random(in: 1...6, using: &random))
        bench.pilots.stamina = random.chance(0.5) ? .max : Int.random(in: 1...6, using: &random)
        let count = Int.random(in: 1...30, using: &random), slice = Int.random(in: 1...3, using: &random)
        let room = random.chance(0.5) ? Int.max : Int.random(in: 1...5, using: &random)
        let pilots = Int.random(in: 1...5, using: &random)
        var left = Set(0..<count), waiting = Set(0..<count).filter { _ in random.chance(0.3) }
        /// How often a task may be begun.
        var tries: [String: Int] = [:]
        func begin() {
            // some runs do without
            bench.begin(parallelJobs: room, tasksPerJob: slice, pilots: random.chance(0.9) ? pilots : nil)
            for task in left.subtracting(waiting).sorted() { bench.start(task) }
        }
        begin()
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let (fault, operation, times) = fault(&random)
            bench.batch.inject(fault, on: operation, times: times)
        }
        for _ in 0..<4000 where !left.isEmpty {
            for end in try bench.turn(stepping: random.chance(0.8)) {
                let task = end.task.position
                if end.frame == nil {
                    guard end.kind == .workerLost else { return "task \(task) ended with \(end.cause)" }
                    bench.start(task)
                } else if left.remove(task) == nil {
                    return "task \(task) ended twice"
                }
            }
            if let task = waiting.min(), random.chance(0.3) {
                waiting.remove(task)
                bench.start(task)
            }
            if random.chance(0.03) { begin() }
            if random.chance(0.03), let key = bench.batch.keys.randomElement(using: &random), !bench.batch.isOver(key) {
                for task in bench.pilots.tasks(of: key) { tries[task, default: 1] += 1 }
                bench.batch.end(key, as: .evicted("wanted"))
            }
        }
        if !left.isEmpty { return "\(left.sorted()) did not end" }
        let often = bench.pilots.finished.filter { $0.value > 1 }
        if !often.isEmpty { return "finished more than once: \(often)" }
        let begun = bench.pilots.begun.filter { $0.value > tries[$0.key, default: 1] }
        return begun.isEmpty ? nil : "begun too often: \(begun)"
    }

    @Test(arguments: 0..<10) func eachTaskIsRunOnce(part: Int) throws {
        for seed in UInt64(part * 20)..<UInt64(part * 20 + 20) {
            if let wrong = try play(seed) { Issue.record("seed \(seed): \(wrong)") }
        }
    }
}
