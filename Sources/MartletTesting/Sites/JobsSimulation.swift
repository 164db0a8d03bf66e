import MartletModel
import MartletPorts
import MartletRuntime
import MartletSystem

/// A run of many jobs over simulated sites that lie, lose and delay, by the real loop that submits, asks and collects, with
/// a real ledger; its drivers are killed now and then. Each task must get one job at a time, and one that ends well.
public struct JobsSimulation {
    /// What a run costs that is known to the clock: everything is counted, nothing is timed.
    public struct Figures: Sendable {
        /// Simulated seconds until the last job was collected.
        public var seconds = 0.0
        public var drivers = 0
        public var counts = Sites.Counts()
    }

    private let count: Int
    private let sites: Sites
    private let folder: String
    private let clock = ManualClock()
    private let openLedger: () -> any SubmissionLedger
    private var random: SeededRandom
    private var left: Set<Int>
    private var remote: RemoteJobs?
    private var tags = 0
    public private(set) var figures = Figures()
    public private(set) var violations: [String] = []

    /// Simulated seconds from one turn of the loop to the next.
    private static let step = 15.0
    /// Simulated seconds between two questions, and those for which lists may lag.
    private static let interval = 300.0
    private static let grace = 900.0
    /// Simulated days after which a run counts as one that does not end.
    private static let longest = 60.0

    /// - Parameters:
    ///   - count: tasks, each of which is a job.
    ///   - folder: where jobs have their files; should be in memory.
    ///   - openLedger: a ledger over the same records, for each driver anew.
    public init(
        seed: UInt64, count: Int, sites: [Site] = Site.seven, folder: String, openLedger: @escaping () -> any SubmissionLedger
    ) {
        self.count = count
        self.folder = folder
        self.openLedger = openLedger
        random = SeededRandom(seed: seed)
        self.sites = Sites(sites, seed: seed &+ 1)
        left = Set(0..<count)
        self.sites.onSuccess = { key, folder in JobsSimulation.leaveResult(of: key, in: folder) }
    }

    /// Plays until every task is done, or it is plain that they never will be.
    /// - Throws: when the ledger cannot be written.
    public mutating func play() throws(Diagnostic) {
        begin()
        while !left.isEmpty && figures.seconds < JobsSimulation.longest * 86400 {
            clock.advance(seconds: JobsSimulation.step)
            figures.seconds += JobsSimulation.step
            sites.advance(to: figures.seconds)
            for end in try remote!.turn() { take(end) }
            // a driver lives a day, now and then an hour
            if random.chance(JobsSimulation.step / 86400) || random.chance(JobsSimulation.step / 36000) { begin() }
        }
        figures.counts = sites.counts
        if !left.isEmpty { violations.append("\(left.count) tasks did not end") }
        let extra = sites.counts.succeeded - count
        if extra != 0 { violations.append("\(sites.counts.succeeded) jobs did the work of \(count) tasks") }
    }

    /// A driver starts; the last one is gone without a word.
    private mutating func begin() {
        figures.drivers += 1
        let prefix = "s\(figures.drivers)"
        var number = 0
        let settings = JobSettings(
            system: "sites", command: ["true", "{job}"], directory: "/", folder: folder,
            parallelJobs: 2 * sites.sites.reduce(0) { $0 + $1.slots })
        remote = RemoteJobs(
            system: sites.desk(pollInterval: JobsSimulation.interval, grace: JobsSimulation.grace), settings: settings,
            ledger: openLedger(), clock: clock,
            newTag: {
                number += 1
                return "\(prefix)-\(number)"
            })
        for task in left.sorted() { start(task) }
    }

    private func start(_ task: Int) {
        var request = JobRequest(
            task: "A_\(task)", description: Array("{\"task\":\"A_\(task)\"}".utf8), options: JobOptions())
        if sites.sites.count > 1 { request.queues = sites.sites.map(\.name) }
        remote!.start(TaskIndex(task), request)
    }

    private mutating func take(_ end: EndedJob) {
        let task = end.task.position
        guard let frame = end.frame else {
            if end.kind != .couldNotStart { return start(task) }
            violations.append("task \(task) was given up: \(end.cause)")
            left.remove(task)
            return
        }
        if frame.kind != .done { violations.append("task \(task) failed: \(frame.text)") }
        if left.remove(task) == nil { violations.append("task \(task) ended twice") }
    }

    private static func leaveResult(of key: JobKey, in folder: String) {
        var bytes: [UInt8] = []
        OutcomeFrame.append(
            to: &bytes, task: TaskIndex(0), start: 1, wall: 1, cpu: 1, peak: 1, log: (0, 0), fragment: { _ in })
        do {
            try File.replace(JobArray.result(of: key.index, in: folder), with: bytes)
        } catch {
            // the simulation says nothing of a machine that has no room for it
            fatalError("\(error)")
        }
    }
}
