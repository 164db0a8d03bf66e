import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// Tasks that run as programs of their own on this machine. Decides nothing: starts, and says what ended.
///
/// Every program leads a process group, which is gone with it, and also when this process is killed.
struct ChildPrograms {
    /// What a program is for.
    private enum Work {
        /// It runs the task and leaves its outcome in a file.
        case program(ProgramRequest)
        /// It is the task.
        case command(CommandRequest, log: Execution.LogSpan, started: UInt64, at: Int64)
    }

    private struct Child {
        var task: TaskIndex
        var work: Work
        var process: Process
        /// Where it is guarded.
        var place: Int
    }

    /// What has ended.
    enum Ended {
        case program(EndedProgram)
        /// `isHeard`: the Python side is to be told first.
        case command(OutcomeFrame, log: Execution.LogSpan, isHeard: Bool)

        var task: TaskIndex {
            switch self {
            case .program(let program): return program.task
            case .command(let frame, _, _): return frame.task
            }
        }
    }

    var isEmpty: Bool { children.isEmpty }

    private var children: [Int32: Child] = [:]  // by pid
    private var taken: Set<Int> = []
    private var guarding: GroupGuard?
    private var search = ProgramSearch()
    private var logs = CommandLogs()
    private var isInterrupted = false
    private let clock: any Clock
    /// How many programs run at the same time.
    private let most: Int

    init(most: Int, clock: any Clock) {
        self.most = most
        self.clock = clock
    }

    /// - Throws: why the program could not be started.
    /// - Parameter variables: of its environment, in place of this process's.
    mutating func start(
        _ task: TaskIndex, _ request: ProgramRequest, command: [String], variables: [String: String]
    ) throws(Diagnostic) {
        do throws(SystemError) {
            var start = ProgramStart(command, directory: request.directory, output: try File.openAppending(request.log))
            start.variables = variables.map { "\($0.key)=\($0.value)" }
            try launch(&start, task, in: freePlace(), .program(request))
        } catch {
            throw Diagnostic(.spawnFailed, subject: command.first ?? "", cause: error.description)
        }
    }

    /// - Parameters:
    ///   - variables: of its environment, unless the request has its own.
    ///   - folder: where commands print that have no log of their own.
    /// - Throws: why the command could not be started.
    mutating func start(
        _ request: CommandRequest, command: [String], variables: [String: String], logs folder: String
    ) throws(Diagnostic) {
        do throws(SystemError) {
            try OutputCommit(request).prepare()
            let place = freePlace()
            let log = try openLog(request.log, place, folder)
            let span = Execution.LogSpan(file: log.path, offset: try File.length(log.file), length: 0)
            var start = ProgramStart(command, directory: request.directory, output: log.file)
            start.variables = request.variables + ChildPrograms.missing(variables, in: request.variables)
            let work = Work.command(request, log: span, started: clock.monotonic(), at: clock.wall())
            try launch(&start, request.task, in: place, work)
        } catch {
            throw Diagnostic(.spawnFailed, subject: command.first ?? "", cause: error.description)
        }
    }

    private static func missing(_ variables: [String: String], in given: [String]) -> [String] {
        variables.compactMap { name, value in given.contains { $0.hasPrefix("\(name)=") } ? nil : "\(name)=\(value)" }
    }

    private mutating func openLog(
        _ own: String?, _ place: Int, _ folder: String
    ) throws(SystemError) -> (path: String, file: Descriptor) {
        if let own { return try CommandLogs.openOwn(own) }
        return try logs.open(place: place, in: folder)
    }

    private mutating func launch(
        _ start: inout ProgramStart, _ task: TaskIndex, in place: Int, _ work: Work
    ) throws(SystemError) {
        if guarding == nil { guarding = try GroupGuard(places: most) }
        start.deathSignal = SIGKILL
        start.note = guarding?.note(place)
        do throws(SystemError) {
            let process = try Process.start(start, search: &search)
            taken.insert(place)
            children[process.pid] = Child(task: task, work: work, process: process, place: place)
        } catch {
            guarding?.clear(place)
            throw error
        }
    }

    /// The engine starts no more programs than there are places.
    private func freePlace() -> Int { (0..<most).first { !taken.contains($0) } ?? most - 1 }

    func register(with poller: inout Poller) {
        for (pid, child) in children {
            if let pidfd = child.process.pidfd { poller.add(pidfd.raw, .readable, tag: Int(pid)) }
        }
    }

    /// Collects every program that has ended; its whole group is gone afterwards.
    mutating func collect() -> [Ended] {
        var ended: [Ended] = []
        for (pid, child) in children.sorted(by: { $0.key < $1.key }) where child.process.hasEnded() {
            // while it is not awaited its number cannot mean anybody else
            child.process.signalGroup(SIGKILL)
            guarding?.clear(child.place)
            var end: ProgramEnd?
            var trouble: String?
            do throws(SystemError) {
                end = try child.process.wait()
            } catch {
                trouble = "its program could not be waited for: \(error.text)"
            }
            children[pid] = nil
            taken.remove(child.place)
            ended.append(told(child, end, trouble))
        }
        return ended
    }

    private func told(_ child: Child, _ end: ProgramEnd?, _ trouble: String?) -> Ended {
        switch child.work {
        case .program(let request):
            let words = end.flatMap { $0.isSuccess ? nil : "its program ended with \($0.text)" }
            return .program(EndedProgram(task: child.task, request: request, trouble: trouble ?? words))
        case .command(let request, var log, let started, let at):
            log.length = max(0, FileLength.of(log.file) - log.offset)
            var ending = CommandEnding(kind: .workerLost, cause: trouble ?? "")
            if let end {
                ending = CommandEnding.settle(request, end, wasInterrupted: isInterrupted)
            } else {
                OutputCommit(request).discard()
            }
            let frame = ending.frame(
                request, start: at, wall: Double(clock.monotonic() - started) / 1e9, end: end,
                tail: ending.kind == .done ? "" : CommandLogs.tail(log))
            return .command(frame, log: log, isHeard: request.isHeard)
        }
    }

    /// Kills and awaits whatever still runs.
    mutating func end() {
        signalAll(SIGKILL)
        for child in children.values {
            do throws(SystemError) { _ = try child.process.wait() } catch { continue }  // somebody else awaited it
            if case .command(let request, _, _, _) = child.work { OutputCommit(request).discard() }
        }
        children = [:]
        guarding?.end()
        guarding = nil
    }

    /// Signals the whole group of a task's program.
    func signal(_ task: TaskIndex, _ signal: Int32) {
        for child in children.values where child.task == task { child.process.signalGroup(signal) }
    }

    /// Tells every program to end, on behalf of whoever wants the run to stop.
    mutating func interrupt() {
        isInterrupted = true
        signalAll(SIGINT)
    }

    func signalAll(_ signal: Int32) {
        for child in children.values { child.process.signalGroup(signal) }
    }

    /// Where a running task prints; nil when it is none of ours.
    func log(of task: TaskIndex) -> String? {
        guard let child = children.values.first(where: { $0.task == task }) else { return nil }
        switch child.work {
        case .program(let request): return request.log
        case .command(_, let log, _, _): return log.file
        }
    }
}
