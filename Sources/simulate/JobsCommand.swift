import Glibc
import MartletModel
import MartletRecords
import MartletSystem
import MartletTesting

/// `simulate jobs SEED COUNT`: plays a run of so many jobs over seven lying sites, and says what it took.
enum JobsCommand {
    static func run(seed: UInt64, count: Int) -> Int32 {
        do {
            let scratch = try scratchFolder()
            defer { withExtendedLifetime(scratch) {} }
            return try play(seed, count, scratch.path)
        } catch {
            print("the simulation cannot be played: \(error)")
            return 2
        }
    }

    private static func scratchFolder() throws -> ScratchDirectory {
        // tens of thousands of small files, and as many calls of fdatasync as there are submissions
        if access("/dev/shm", W_OK) == 0 { return try ScratchDirectory("sites", in: "/dev/shm") }
        return try ScratchDirectory("sites")
    }

    private static func play(_ seed: UInt64, _ count: Int, _ folder: String) throws -> Int32 {
        let records = "\(folder)/ledger"
        var simulation = JobsSimulation(
            seed: seed, count: count, folder: "\(folder)/batch",
            openLedger: { Ledger(directory: records, header: .forThisProcess(kind: .ledger)) })
        let begin = SystemClock().monotonic()
        try simulation.play()
        let wall = Double(SystemClock().monotonic() - begin) / 1e9
        for line in simulation.violations { print("seed \(seed): \(line)") }
        tell(simulation.figures, count, wall, try size(of: records))
        guard simulation.violations.isEmpty else {
            print("replay: make simulate-jobs SEED=\(seed) JOBS=\(count)")
            return 1
        }
        return 0
    }

    private static func tell(_ figures: JobsSimulation.Figures, _ count: Int, _ wall: Double, _ bytes: Int64) {
        let counts = figures.counts, usage = ProcessUsage.now()
        func line(_ name: String, _ value: String) { print(name.padded(to: 32) + value) }
        line("tasks", "\(count)")
        line("jobs", "\(counts.jobs), of which \(counts.failed) failed, \(counts.cancelled) were cancelled")
        line("simulated time", "\((figures.seconds / 360).rounded() / 10) h, \(figures.drivers) drivers")
        line("submissions", "\(counts.submissions)")
        line("lists asked for", "\(counts.lists)")
        line("ledger", "\(bytes) bytes, \(bytes / Int64(max(1, count))) a task")
        line("wall, CPU", "\((wall * 10).rounded() / 10) s, \((usage.cpu * 10).rounded() / 10) s")
        line("peak memory, sites included", "\(usage.peak / 1024) MB")
    }

    private static func size(of folder: String) throws -> Int64 {
        var sum: Int64 = 0
        for entry in try Directory.list(folder) { sum += Int64(clamping: try File.size("\(folder)/\(entry.name)")) }
        return sum
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
