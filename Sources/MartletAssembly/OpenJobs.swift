import Glibc
import MartletModel
import MartletPorts
import MartletRecords
import MartletRuntime
import MartletSystem

/// Jobs that runs have submitted and not collected, by the ledger of a state directory, and what their batch systems say
/// of them at the moment.
public struct OpenJobs {
    public struct Job: Equatable, Sendable {
        public var key: JobKey
        /// The batch system's name.
        public var system: String
        public var id: JobID?
        /// Ids of the tasks that it runs, and that nobody has collected; of a pilot those that it has taken.
        public var tasks: [String]
        /// nil: the system does not know it, or could not be asked.
        public var state: SeenState?
        public var node: String?
        /// Absolute path, whether or not there is anything yet.
        public var log: String
        /// The system has told of all its jobs, and this one, which was submitted long before, is none of them.
        public var isGone = false

        /// "pending", "running", "held", how it ended, or "unknown".
        public var word: String {
            switch state {
            case .pending: return "pending"
            case .running: return "running"
            case .held: return "held"
            case .ended(let end): return end.text
            case nil: return "unknown"
            }
        }

        /// Why it waits, in the system's words, where it says so.
        public var reason: String? {
            switch state {
            case .pending(let why): return why
            case .held(let why): return why
            case .running, .ended, nil: return nil
            }
        }

        /// It may be at work, or yet come to that, as far as anybody knows.
        public var mayLive: Bool {
            switch state {
            case .pending, .running, .held: return true
            case .ended: return false
            case nil: return !isGone
            }
        }
    }

    /// Tasks of a submission of pilots.
    public struct Unclaimed: Equatable, Sendable {
        public var tag: String
        /// Their ids.
        public var tasks: [String]
    }

    public private(set) var jobs: [Job] = []
    /// Tasks that no pilot has taken, or one that has ended.
    public private(set) var unclaimed: [Unclaimed] = []
    /// What could not be found out, in words.
    public private(set) var gaps: [String] = []
    private var systems: [String: any BatchSystem] = [:]

    /// Reads the ledger, and asks each system once.
    /// - Parameters:
    ///   - only: the one system that is of interest; nil: all.
    ///   - asks: false: no system is asked, and of no job it is known how it is.
    ///   - isEnough: asked while an answer is awaited, with the seconds that this has taken, whether to go without.
    /// - Throws: `.recordUnreadable`.
    public init(
        of state: String, in only: String? = nil, asks: Bool = true, givingUp isEnough: (Double) -> Bool = { _ in false }
    ) throws(Diagnostic) {
        let ledger = Ledger(directory: "\(state)/ledger", header: .forThisProcess(kind: .ledger))
        var asked: [String: [AskedSubmission]] = [:]
        for submission in try ledger.open() where only == nil || submission.entry.system == only {
            let entry = submission.entry, tasks = tasks(of: submission, folder: "\(state)/jobs/\(entry.tag)")
            for (index, tasks) in tasks {
                let log = JobArray.log(of: index, in: "\(state)/jobs/\(entry.tag)")
                jobs.append(
                    Job(key: JobKey(entry.tag, index), system: entry.system, id: submission.ids[index], tasks: tasks, log: log))
            }
            if tasks.isEmpty { continue }
            asked[entry.system, default: []].append(
                AskedSubmission(
                    tag: entry.tag, elements: tasks.map(\.index), ids: submission.ids, submitted: entry.time, queue: entry.queue))
        }
        if !asks { return }
        for (name, questions) in asked.sorted(by: { $0.key < $1.key }) { look(name, questions, state, isEnough) }
    }

    /// What the jobs of a submission run that are not over, by their numbers.
    private mutating func tasks(of submission: OpenSubmission, folder: String) -> [(index: Int, tasks: [String])] {
        let entry = submission.entry, slices = submission.open.sorted { $0.key < $1.key }
        func ids(_ slice: Int, _ places: [Int]) -> [String] { places.flatMap { entry.slices.tasks(slice, $0) } }
        guard let count = entry.pilots else { return slices.map { ($0.key, ids($0.key, $0.value)) } }
        let pilots = (0..<count).filter { !submission.endedPilots.contains($0) }
        var taken = Dictionary(uniqueKeysWithValues: pilots.map { ($0, [String]()) }), rest: [String] = []
        do throws(SystemError) {
            let holders = try SliceHolders(of: slices.map(\.key), in: folder)
            for (slice, places) in slices {
                if let pilot = holders[slice], taken[pilot] != nil {
                    taken[pilot]! += ids(slice, places)
                } else {
                    rest += ids(slice, places)
                }
            }
        } catch {
            gaps.append("which tasks pilots have taken cannot be looked at: \(error.description)")
        }
        if !rest.isEmpty { unclaimed.append(Unclaimed(tag: entry.tag, tasks: rest)) }
        return pilots.map { ($0, taken[$0]!) }
    }

    private mutating func look(
        _ name: String, _ asked: [AskedSubmission], _ state: String, _ isEnough: (Double) -> Bool
    ) {
        do throws(Diagnostic) {
            // jobs of this machine are looked at, and none is started
            let system = try Assembly.batchSystem(name: name, state: state, limit: 0)
            systems[name] = system
            guard case .listed(let listing)? = OpenJobs.answer(of: system, to: .list(asked), isEnough) else {
                return gaps.append("\(name) cannot be asked at the moment: it did not answer in time")
            }
            take(listing, of: name, asked, grace: system.habits.grace)
        } catch {
            gaps.append("\(name) cannot be asked: \(Wording.text(error).line)")
        }
    }

    private mutating func take(_ listing: BatchListing, of name: String, _ asked: [AskedSubmission], grace: Double) {
        if let gap = listing.gap { gaps.append("\(name) cannot be asked at the moment: \(gap)") }
        let seen = Dictionary(listing.jobs.map { ($0.key, $0) }) { $1 }
        let latest = SystemClock().wall() / 1_000_000_000 - Int64(grace)
        let settled = Set(asked.lazy.filter { $0.submitted <= latest && listing.tellsAll(of: $0.tag) }.map(\.tag))
        for i in jobs.indices where jobs[i].system == name {
            if let job = seen[jobs[i].key] {
                (jobs[i].id, jobs[i].state, jobs[i].node) = (job.id, job.state, job.node)
            } else {
                jobs[i].isGone = settled.contains(jobs[i].key.tag)
            }
        }
    }

    /// Ends what was started to ask. The jobs are no longer to be cancelled by this.
    mutating func close() {
        for system in systems.values { system.close() }
        systems = [:]
    }

    /// Those of some jobs that will do nothing more by themselves: they have ended, are held, or their system has told of all its jobs
    /// and knows nothing of them.
    public func stranded(_ chosen: [Job]) -> [Job] {
        chosen.filter { job in
            switch job.state {
            case .ended, .held: true
            case .pending, .running: false
            case nil: job.isGone
            }
        }
    }

    /// Cancels jobs; those that have ended, or that no system knows, are passed over. A run that is at work on their tasks
    /// hears of it as of any job that ends.
    /// - Returns: how many are cancelled, and what went wrong.
    public func cancel(_ chosen: [Job]) -> (count: Int, troubles: [String]) {
        var count = 0, troubles: [String] = []
        for (name, system) in systems.sorted(by: { $0.key < $1.key }) {
            var ids: [JobKey: JobID] = [:]
            for job in chosen where job.system == name {
                if case .ended? = job.state { continue }
                ids[job.key] = job.state == nil ? nil : job.id
            }
            if ids.isEmpty { continue }
            guard case .cancelled(_, let refusal)? = OpenJobs.answer(of: system, to: .cancel(ids)) else { continue }
            if let refusal { troubles.append("\(name): \(refusal)") } else { count += ids.count }
        }
        return (count, troubles)
    }

    /// What jobs have printed so far that print into no file of this machine, and why that cannot be had. A job that is in
    /// neither has its log here.
    public func show(_ chosen: [Job]) -> (texts: [JobKey: String], missing: [JobKey: String]) {
        var texts: [JobKey: String] = [:], missing: [JobKey: String] = [:]
        for (name, system) in systems where !system.habits.sharesFolders {
            var ids: [JobKey: JobID] = [:]
            for job in chosen where job.system == name && job.state != nil { ids[job.key] = job.id }
            guard case .shown(let some, let gaps)? = OpenJobs.answer(of: system, to: .show(ids)) else { continue }
            texts.merge(some) { $1 }
            missing.merge(gaps) { $1 }
        }
        return (texts, missing)
    }

    /// Commands have time limits of their own: an answer comes, unless it is given up before.
    private static func answer(
        of system: any BatchSystem, to question: BatchQuestion, _ isEnough: (Double) -> Bool = { _ in false }
    ) -> BatchAnswer? {
        let clock = SystemClock(), begun = clock.monotonic()
        system.ask(question, now: begun)
        while true {
            let now = clock.monotonic()
            if let answer = system.answers(now: now).first { return answer }
            if isEnough(Double(now - begun) / 1e9) { return nil }
            usleep(10_000)
        }
    }
}

extension BatchListing {
    /// Whether a job of this submission that is not in it was not there.
    fileprivate func tellsAll(of tag: String) -> Bool { isComplete || !(unheard.isEmpty || unheard.contains(tag)) }
}
