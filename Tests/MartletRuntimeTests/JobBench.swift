import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting

@testable import MartletEngine
@testable import MartletRuntime

/// A world with a batch system, a ledger, a clock, and drivers that come and go: time passes a second a turn.
final class JobBench {
    let scratch: ScratchDirectory
    let batch = FakeBatch()
    let ledger = MemoryLedger()
    let clock = ManualClock()
    let segments = MemorySegments()
    var remote: RemoteJobs
    var grace = 0.0
    /// Whether jobs that end well leave a result.
    var leavesResults = true
    let pilots = FakePilots()
    private var tags = 0
    /// Where submissions have their folders, as of a state directory.
    var folder: String { "\(scratch.path)/jobs" }

    init(grace: Double = 0, parallelJobs: Int = .max, tasksPerJob: Int = 1, mostElements: Int = 1000) throws {
        scratch = try ScratchDirectory("jobs")
        self.grace = grace
        batch.mostElements = mostElements
        remote = RemoteJobs(
            system: batch.desk(), settings: JobSettings(system: "fake", command: [], directory: "/", folder: ""),
            ledger: ledger, clock: clock, newTag: { "" })
        begin(parallelJobs: parallelJobs, tasksPerJob: tasksPerJob)
        batch.onRun = { [pilots] array, index in pilots.step(array, index) }
        batch.onEnd = { [unowned self] array, index, end in leaveResult(array, index, end) }
    }

    /// A driver starts, where the last one was killed.
    func begin(
        parallelJobs: Int = .max, tasksPerJob: Int = 1, pilots: Int? = nil, command: String = "true", pollInterval: Double? = nil
    ) {
        var settings = JobSettings(
            system: "fake", command: [pilots == nil ? command : "pilot", "{job}"], directory: "/", folder: folder, parallelJobs: parallelJobs,
            tasksPerJob: tasksPerJob, pilots: pilots, pollInterval: pollInterval)
        settings.head = Array("{}".utf8)
        remote = RemoteJobs(
            system: batch.desk(grace: grace), settings: settings, ledger: ledger, clock: clock, segments: segments,
            newTag: { [unowned self] in newTag() })
    }

    func newTag() -> String {
        tags += 1
        return "t\(tags)"
    }

    func start(_ tasks: Int..., command: String = "true", memory: UInt64? = nil, walltime: Double? = nil) {
        for task in tasks { start(task, memory: memory, walltime: walltime) }
    }

    func start(_ task: Int, memory: UInt64? = nil, walltime: Double? = nil, wasElsewhere: Bool = false) {
        var options = JobOptions()
        (options.memory, options.walltime) = (memory, walltime)
        remote.start(TaskIndex(task), request(task, options), wasElsewhere: wasElsewhere)
    }

    func start(_ task: Int, queue: String) {
        var options = JobOptions()
        options.queue = queue
        remote.start(TaskIndex(task), request(task, options))
    }

    func start(_ task: Int, queues: [String]) {
        var request = request(task, JobOptions())
        request.queues = queues
        remote.start(TaskIndex(task), request)
    }

    private func request(_ task: Int, _ options: JobOptions) -> JobRequest {
        let told: JSON = ["task": .string("A_\(task)"), "claims": .array([.string(TaskDigest(of: "A_\(task)").hex)])]
        return JobRequest(task: "A_\(task)", description: Array(told.text.utf8), options: options)
    }

    func turn(stepping: Bool = true) throws -> [EndedJob] {
        clock.advance(seconds: 1)
        if stepping { batch.step() }
        return try remote.turn()
    }

    /// Turns until something ended, or so often.
    func end(within turns: Int = 30) throws -> [EndedJob] {
        for _ in 0..<turns {
            let ended = try turn()
            if !ended.isEmpty { return ended }
        }
        return []
    }

    /// Everything that ends in so many turns.
    func all(within turns: Int = 40) throws -> [EndedJob] {
        var ended: [EndedJob] = []
        for _ in 0..<turns { ended += try turn() }
        return ended
    }

    private func leaveResult(_ array: JobArray, _ index: Int, _ end: JobEnd) {
        guard leavesResults, end == .succeeded, array.command.first != "pilot" else { return }
        leave(array.tag, index, count: slice(array.tag, index))
    }

    private func slice(_ tag: String, _ index: Int) -> Int { ledger.entries.first { $0.tag == tag }?.elements[index].count ?? 0 }

    /// A job leaves the outcomes of the first tasks of its slice.
    func leave(_ tag: String, _ index: Int, count: Int) {
        var bytes: [UInt8] = []
        defer { leave(tag, index, bytes) }
        for place in 0..<count {
            OutcomeFrame.append(
                to: &bytes, task: TaskIndex(place), start: 1, wall: 1, cpu: 1, peak: 1, log: (0, 0), fragment: { _ in })
        }
    }

    func leave(_ tag: String, _ index: Int, _ bytes: [UInt8]) {
        let folder = "\(folder)/\(tag)"
        do {
            try Directory.make(folder)
            try File.replace(JobArray.result(of: index, in: folder), with: bytes)
        } catch {
            // a folder of the test's own: without it nothing is tested
            fatalError("\(error)")
        }
    }
}

/// The tasks that have ended, in order.
func tasks(_ ended: [EndedJob]) -> [Int] { ended.map(\.task.position).sorted() }
