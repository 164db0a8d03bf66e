import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

/// Jobs of earlier runs that ask for something else than this run's would.
@Suite struct OtherwiseAskedTests {
    private func notes(_ had: UInt64?, _ wanted: UInt64?, pilots: Int? = nil) throws -> [String] {
        let bench = try JobBench()
        bench.begin(tasksPerJob: 1, pilots: pilots, command: "sleep")
        for task in 0..<3 { bench.start(task, memory: had) }
        _ = try bench.turn()
        bench.begin(tasksPerJob: 1, pilots: pilots, command: "sleep")
        for task in 0..<3 { bench.start(task, memory: wanted) }
        _ = try bench.turn()
        return bench.remote.takeNotes()
    }

    @Test func jobsOfAnEarlierRunThatAskForSomethingElseAreTold() throws {
        let advice = "`martlet jobs cancel t1` has them submitted anew"
        #expect(
            try notes(64_000_000_000, 2 << 30) == [
                "batch system fake: 3 jobs that an earlier run submitted ask for memory=64GB, this run for memory=2GiB: \(advice)"
            ])
        #expect(try notes(nil, 500_000_000).first?.contains("ask for memory as usual, this run for memory=500MB") == true)
        #expect(try notes(1, 2, pilots: 2).first?.contains("2 jobs that an earlier run submitted") == true)
        #expect(try notes(7, 7).isEmpty && notes(nil, nil).isEmpty)
    }

    @Test func aQueueOfThoseThatAreWantedIsNothingElse() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        bench.start(0, queues: ["a", "b"])
        _ = try bench.turn()
        bench.begin(command: "sleep")
        bench.start(0, queues: ["b", "a"])
        _ = try bench.turn()
        #expect(bench.remote.takeNotes().isEmpty)
    }
}
