import Glibc
import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem

/// Everything that works for a run outside the calling process: workers, programs of their own, jobs in a batch system.
/// Decides nothing: says what arrived.
///
/// Not safe for use by two threads at once.
struct Crew {
    /// What one look found.
    struct Arrivals {
        var fromWorkers: [WorkerPool.Arrival] = []
        var programs: [ChildPrograms.Ended] = []
        var jobs: [EndedJob] = []
        var adoption = Adoption()
        /// Tasks whose jobs cannot be submitted.
        var refused: [(task: TaskIndex, why: Diagnostic)] = []
        /// Tasks that were handed to the batch system, have not begun, and will not.
        var returned: [TaskIndex] = []
        /// Jobs have come to fail alike.
        var storm: FailureStorm?
        /// Of the whole run, for the user.
        var notes: [String] = []
        /// The wait was ended by a signal.
        var isCutShort = false
    }

    /// After a second interrupt, how long what runs may take to end, in nanoseconds.
    private static let grace: UInt64 = 5_000_000_000

    var workers = WorkerPool()
    var programs: ChildPrograms
    let outfitter: Outfitter
    private var jobs: RemoteJobs?
    private var killAt: UInt64?
    private let sandbox: (String) throws(Diagnostic) -> any Sandbox
    private let clock: any Clock

    /// - Parameters:
    ///   - most: programs at a time.
    ///   - sandbox: `name:argument` to a sandbox.
    init(
        most: Int, _ outfitter: Outfitter, sandbox: @escaping (String) throws(Diagnostic) -> any Sandbox, clock: any Clock
    ) {
        self.outfitter = outfitter
        self.sandbox = sandbox
        programs = ChildPrograms(most: most, clock: clock)
        self.clock = clock
    }

    /// Nothing outside the calling process can have anything to say.
    var isEmpty: Bool { workers.isEmpty && programs.isEmpty && jobs == nil && killAt == nil }

    /// Milliseconds after which to look though no descriptor became ready.
    var pace: Int {
        if workers.isWaitingForNotices { return 20 }
        if let jobs, !jobs.isEmpty { return 50 }
        return 250
    }

    // MARK: programs

    /// Starts a task as a program of its own.
    mutating func start(_ task: TaskIndex, _ request: ProgramRequest, _ equipment: Equipment) throws(Diagnostic) {
        let command = try wrap(request.command, in: request.sandbox)
        try programs.start(task, request, command: command, variables: outfitter.variables(for: equipment))
    }

    /// Starts a task that is a command. - Parameter logs: where commands print that have no log of their own.
    mutating func start(_ request: CommandRequest, _ equipment: Equipment, logs: String) throws(Diagnostic) {
        let command = try wrap(request.command, in: request.sandbox)
        try programs.start(request, command: command, variables: outfitter.variables(for: equipment), logs: logs)
    }

    /// - Parameter name: `name:argument`, or empty for none.
    private func wrap(_ command: [String], in name: String) throws(Diagnostic) -> [String] {
        name.isEmpty ? command : try sandbox(name).wrap(command)
    }

    // MARK: jobs

    var hasJobs: Bool { jobs != nil }
    var openJobs: Int { jobs?.openJobs ?? 0 }
    var isSubmitting: Bool { jobs?.isSubmitting ?? false }
    var areJobsSettled: Bool { jobs?.isSettled ?? true }
    /// The batch system's name, and how many of its jobs were cancelled on request.
    var cancelledJobs: (system: String, count: Int)? { jobs.map { ($0.settings.system, $0.cancelled) } }
    /// The batch system's name and what it has of this run; nil without one.
    func tally(now: UInt64) -> (system: String, jobs: Int, tally: JobTally)? {
        jobs.map { ($0.settings.system, $0.openJobs, $0.counted(now: now)) }
    }

    /// Joins a batch system, before the first job is started.
    mutating func join(_ remote: RemoteJobs) { jobs = remote }

    /// - Parameter wasElsewhere: another run held the task since this one began: it may have submitted a job for it.
    func startJob(_ task: TaskIndex, _ request: JobRequest, wasElsewhere: Bool) {
        jobs?.start(task, request, wasElsewhere: wasElsewhere)
    }

    /// While they are held nothing is submitted.
    func holdJobs(_ held: Bool) { jobs?.isHeld = held }

    /// Gives up what is not submitted. - Returns: its tasks.
    func takeUnsubmitted() -> [TaskIndex] { jobs?.abandonWaiting() ?? [] }

    /// Gives up what of these has not begun. - Returns: those that are not submitted; the others are returned later.
    func recall(_ tasks: [TaskIndex]) -> [TaskIndex] { jobs?.recall(tasks) ?? [] }

    /// Cancels all jobs of this run's tasks; their ends arrive.
    func cancelJobs() { jobs?.cancel() }

    /// Leaves all jobs to a later run.
    func leaveJobs() -> LeftJobs { jobs?.leave() ?? LeftJobs() }

    private func turnJobs(_ arrivals: inout Arrivals) {
        guard let jobs else { return }
        do throws(Diagnostic) {
            arrivals.jobs = try jobs.turn()
        } catch {
            arrivals.refused = jobs.abandonWaiting().map { ($0, error) }
        }
        arrivals.adoption = jobs.takeAdoption()
        arrivals.returned = jobs.takeReturned()
        arrivals.storm = jobs.takeStorm()
        arrivals.notes += jobs.takeNotes()
    }

    // MARK: waiting

    /// Waits until somebody has something to say, a signal arrives or the time is over, and takes in what there is.
    mutating func look(milliseconds: Int) -> Arrivals {
        var arrivals = Arrivals()
        var poller = Poller()
        workers.register(with: &poller)
        programs.register(with: &poller)
        for descriptor in jobs?.system.descriptors ?? [] { poller.add(descriptor, .readable, tag: Int(descriptor)) }
        let before = clock.monotonic()
        var events: [Poller.Event] = []
        do throws(SystemError) {
            events = try poller.wait(milliseconds: Int32(milliseconds))
        } catch {
            arrivals.notes.append("waiting for workers failed: \(error.description)")
        }
        let now = clock.monotonic()
        arrivals.isCutShort = events.isEmpty && now - before + 1_000_000 < UInt64(milliseconds) * 1_000_000
        arrivals.fromWorkers = workers.read(events.filter { workers.knows($0) }, now: now)
        arrivals.programs = programs.collect()
        turnJobs(&arrivals)
        if let killAt, now >= killAt { kill() }
        return arrivals
    }

    // MARK: ending

    /// A task takes too long.
    mutating func signal(_ task: TaskIndex, at worker: WorkerID, _ signal: Int32) {
        if worker == Driver.children { programs.signal(task, signal) } else { workers.condemn(worker, signal) }
    }

    /// Interrupts what runs, and kills it when it has not ended in five seconds.
    mutating func interrupt() {
        workers.signalAll(SIGINT)
        programs.interrupt()
        killAt = clock.monotonic() + Crew.grace
    }

    private mutating func kill() {
        killAt = nil
        workers.signalAll(SIGKILL)
        programs.signalAll(SIGKILL)
    }

    /// Ends what runs and hangs up on the workers. Safe to call twice.
    /// - Returns: whether a worker was busy.
    mutating func close(_ engine: Engine) -> Bool {
        let isBusy = workers.isBusy(engine)
        if isBusy { workers.signalAll(SIGKILL) }
        programs.end()
        jobs?.close()
        workers.close()
        return isBusy
    }
}
