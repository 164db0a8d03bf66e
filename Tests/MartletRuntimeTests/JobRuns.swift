import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting

@testable import MartletRuntime

/// Runs one after the other over one batch system and one ledger, by real drivers: what Python does for them is done here. The
/// jobs do what the test says; time passes a second a turn.
final class JobRuns {
    let scratch: ScratchDirectory
    let batch = FakeBatch()
    let ledger = MemoryLedger()
    let clock = ManualClock()
    let records = MemoryRecords()
    private(set) var driver: Driver
    /// Seconds for which lists may lag.
    var grace = 0.0
    var parallelJobs = Int.max, tasksPerJob = 1
    private var tags = 0
    private(set) var hasEnded = false
    /// The run's tasks, in the order of their indices.
    private var tasks: [Int] = []
    private var frames: [OutcomeFrame] = []
    private var hasJoined = false

    init() throws {
        scratch = try ScratchDirectory("runs")
        driver = try JobRuns.driver(records, ledger, batch.desk(), clock) { "" }
    }

    private static func driver(
        _ records: MemoryRecords, _ ledger: MemoryLedger, _ desk: FakeBatch.Desk, _ clock: ManualClock, limits: String = "{}",
        newTag: @escaping () -> String
    ) throws -> Driver {
        Driver(
            try DriverOptions(json: #"{"slots":1,"here":true,"limits":\#(limits)}"#),
            Adapters(
                reports: { _, _ in records }, ledger: { _, _ in ledger }, batchSystem: { _, _, _ throws(Diagnostic) in desk },
                sandbox: { text throws(Diagnostic) in throw Diagnostic(.sandboxUnknown, subject: text) }, stores: Stores([]),
                clock: clock, newTag: newTag))
    }

    /// A run begins; the last one was killed, or has ended.
    /// - Parameters:
    ///   - tasks: in the order in which they are planned; a task is the same in every run.
    ///   - terms: of each task.
    func begin(_ tasks: [(task: Int, isThere: Bool)], limits: String = "{}", terms: (Int) -> Terms) throws {
        driver = try JobRuns.driver(records, ledger, batch.desk(grace: grace), clock, limits: limits) { [unowned self] in
            tags += 1
            return "t\(tags)"
        }
        (hasEnded, hasJoined, frames) = (false, false, [])
        self.tasks = tasks.map(\.task)
        driver.plan(
            tasks.enumerated().map { index, one in
                let kind = one.isThere ? PlannedTask.Kind.complete : .outputAbsent
                return PlannedTask(TaskIndex(index), kind, terms: driver.number(of: terms(one.task)))
            })
        _ = driver.planned(roots: tasks.indices.map { TaskIndex($0) }, until: [])
        try driver.openRecords(state: scratch.path, logs: "\(scratch.path)/logs", head: .null)
    }

    /// One turn of the pump.
    func turn() throws {
        clock.advance(seconds: 1)
        let requests = driver.advance(frames, milliseconds: 0)
        frames = []
        for request in requests {
            switch request {
            case .startJob(let task): try start(task)
            case .lost(let task): frames.append(try JobRuns.frame(of: task))
            case .ended: hasEnded = true
            default: break
            }
        }
    }

    /// What a run does that does not wait, once it has nothing to do before a job ends.
    func leave() throws {
        driver.interrupt(level: 2)
        for _ in 0..<3 where !hasEnded { try turn() }
        driver.close()
    }

    /// It comes to its end by itself.
    func end() { driver.close() }

    private func start(_ task: TaskIndex) throws {
        if !hasJoined {
            var settings = JobSettings(
                system: "fake", command: ["sleep", "{job}"], directory: "/", folder: scratch.path, parallelJobs: parallelJobs,
                tasksPerJob: tasksPerJob)
            settings.head = Array("{}".utf8)
            try driver.joinBatch(settings)
            hasJoined = true
        }
        let others = driver.engine.followers(of: task).map { "\"\(id($0))\"" }.joined(separator: ",")
        try driver.startJob(
            task, json: #"{"task":"\#(id(task))","followers":[\#(others)],"description":{"task":"A"},"options":{"memory":4}}"#)
    }

    private func id(_ index: TaskIndex) -> String { "A_\(tasks[index.position])" }

    /// How a task of the run stands.
    func state(_ task: Int) -> TaskState { driver.engine.states[tasks.firstIndex(of: task)!] }

    /// Those of its tasks that have failed in this run.
    var failed: [Int] { tasks.filter { state($0) == .failed } }

    private static func frame(of task: TaskIndex) throws -> OutcomeFrame {
        var bytes = frameBytes(task.position)
        return try OutcomeFrame.readAll(&bytes)[0]
    }

    // MARK: the jobs

    /// Jobs that have begun and not ended.
    var atWork: [JobKey] {
        batch.keys.filter { key in !batch.isOver(key) && batch.isRunning(key) }
    }

    /// What stands in the slice of a job: at each place one task, or those that run as one.
    func slice(_ key: JobKey) -> [[Int]] {
        guard let slices = ledger.entries.first(where: { $0.tag == key.tag })?.slices else { return [] }
        return slices.elements[key.index].indices.map { place in
            slices.tasks(key.index, place).map { Int($0.dropFirst(2))! }
        }
    }

    /// A job ends. - Parameter outcomes: what it leaves of the first places of its slice; `begun`: what is at work behind them.
    func end(_ key: JobKey, _ outcomes: [Outcome.Kind], begun: Int? = nil, as end: JobEnd = .succeeded) throws {
        var bytes: [UInt8] = []
        for (place, kind) in outcomes.enumerated() {
            bytes += JobResult.begun(TaskIndex(place))
            bytes += OutcomeFrame(
                task: TaskIndex(place), kind: kind, start: 1, wall: 1, cpu: 1, peak: 1, text: kind == .done ? "" : "no luck",
                fragment: Array(#""task":"A""#.utf8)
            ).encoded()
        }
        if let begun { bytes += JobResult.begun(TaskIndex(begun)) }
        try leave(key, bytes)
        batch.end(key, as: end)
    }

    private func leave(_ key: JobKey, _ bytes: [UInt8]) throws {
        try Directory.make("\(scratch.path)/\(key.tag)")
        try File.replace(JobArray.result(of: key.index, in: "\(scratch.path)/\(key.tag)"), with: bytes)
    }
}
