import MartletModel
import MartletPorts

/// A batch system that runs nothing and misbehaves when told to. Jobs move when `step()` is called: pending, then
/// running, then as the command says: `true` ends well, `false` does not, `sleep` runs on, `sh` ends well but for the
/// element 1, `pilot` does what `onRun` says, anything else ends well.
///
/// Several drivers see one system through `FakeBatch.Desk`s of their own, which die with them.
public final class FakeBatch {
    public enum Fault: Equatable, Sendable {
        /// submit: the array is refused and unknown from then on.
        case refuse(String)
        /// submit: it is accepted, and nobody knows. cancel: it is done, and then said to have failed.
        case actAndDoubt(String)
        /// submit: it is not accepted, and nobody knows.
        case doubt(String)
        /// submit: said to have been accepted; no such jobs exist.
        case swallow
        /// submit: of the array only the elements with even numbers are accepted; of the others nobody knows.
        case half(String)
        /// submit: the system cannot be reached; it is the same for the queue "away". list: it does not answer.
        case unreachable
        /// list: every second job is missing, and the list says that it is not complete.
        case partial
        /// list: every job that is pending or running is missing, and the list is said to be complete.
        case lag
        /// submit: the jobs stay pending for so many more steps, and why.
        case delay(steps: Int, why: String? = nil)
        /// submit: the jobs get the ids of the last ones that have ended, as systems do whose counters start again.
        case reuseIDs
        /// submit: the jobs are held when their time comes.
        case hold(String)
        /// any: the answer comes only when it was looked for so many times.
        case slow(looks: Int)
        /// collect: what jobs left cannot be had yet. discard: nothing is removed.
        case late(String)
    }

    struct Job {
        var key: JobKey
        var id: JobID
        var command: [String]
        var state: SeenState
        var pendingSteps: Int
        var holds: String?
    }

    /// One driver's way to the system.
    public final class Desk: BatchSystem {
        public let habits: BatchHabits
        public var descriptors: [Int32] { [] }
        private let system: FakeBatch
        private var told: [(looks: Int, answer: BatchAnswer)] = []

        init(_ system: FakeBatch, _ habits: BatchHabits) {
            self.system = system
            self.habits = habits
        }

        public func ask(_ question: BatchQuestion, now: UInt64) {
            let (answer, looks) = system.answer(question)
            told.append((looks, answer))
        }

        public func answers(now: UInt64) -> [BatchAnswer] {
            let ready = told.filter { $0.looks == 0 }.map(\.answer)
            told = told.filter { $0.looks > 0 }.map { ($0.looks - 1, $0.answer) }
            return ready
        }

        public func close() { told = [] }
    }

    /// In the order of submission.
    private(set) var jobs: [Job] = []
    private var faults: [(BatchQuestion.Kind, Fault)] = []
    /// Queues that say nothing of their jobs; lists tell of which submissions they cannot tell.
    public var silent: Set<String> = []
    private var next = 1
    /// Arrays that were accepted, as they were asked for.
    public private(set) var arrays: [JobArray] = []
    /// What is done when a job ends: tests leave results.
    public var onEnd: (JobArray, Int, JobEnd) -> Void = { _, _, _ in }
    /// A pilot's turn to do something; how it ends, when it does.
    public var onRun: (JobArray, Int) -> JobEnd? = { _, _ in .succeeded }
    /// How many elements one array may have.
    public var mostElements = 1000
    /// Whether it knows jobs that have ended until they are discarded, and wants to be told.
    public var keepsFiles = false
    /// What it was told that nobody wants, in order.
    public private(set) var discarded: [JobKey] = []

    public init() {}

    /// - Parameter grace: seconds for which its lists may lag.
    public func desk(pollInterval: Double = 1, grace: Double = 0) -> Desk {
        let habits = BatchHabits(
            pollInterval: pollInterval, grace: grace, mostElements: mostElements, runsHere: true, keepsFiles: keepsFiles,
            usualReasons: ["others"])
        return Desk(self, habits)
    }

    /// The next questions of that kind go wrong. Faults are used up in order.
    public func inject(_ fault: Fault, on kind: BatchQuestion.Kind, times: Int = 1) {
        for _ in 0..<times { faults.append((kind, fault)) }
    }

    /// Tags of all accepted arrays, in order.
    public var tags: [String] { arrays.map(\.tag) }
    /// All accepted jobs, in order.
    public var keys: [JobKey] { jobs.map(\.key) }
    public func isOver(_ key: JobKey) -> Bool { jobs.contains { $0.key == key && $0.hasEnded } }

    public func isRunning(_ key: JobKey) -> Bool { jobs.contains { $0.key == key && $0.state == .running } }

    /// Lets every job take its next step.
    public func step() { for i in jobs.indices { step(i) } }

    /// Ends a job at once.
    public func end(_ key: JobKey, as end: JobEnd) {
        for i in jobs.indices where jobs[i].key == key && !jobs[i].hasEnded { conclude(i, end) }
    }

    /// It was there, and the system knows nothing of it any more.
    public func forget(_ key: JobKey) { jobs.removeAll { $0.key == key } }

    private func step(_ i: Int) {
        switch jobs[i].state {
        case .pending:
            if jobs[i].pendingSteps > 0 {
                jobs[i].pendingSteps -= 1
            } else if let why = jobs[i].holds {
                jobs[i].state = .held(why)
            } else {
                jobs[i].state = .running
            }
        case .running:
            switch jobs[i].command.first {
            case "sleep": break
            case "false": conclude(i, .exited(1))
            case "pilot":
                guard let array = arrays.first(where: { $0.tag == jobs[i].key.tag }) else { break }
                if let end = onRun(array, jobs[i].key.index) { conclude(i, end) }
            case "sh": conclude(i, jobs[i].key.index == 1 ? .exited(1) : .succeeded)
            default: conclude(i, .succeeded)
            }
        default: break
        }
    }

    private func conclude(_ i: Int, _ end: JobEnd) {
        jobs[i].state = .ended(end)
        if let array = arrays.first(where: { $0.tag == jobs[i].key.tag }) { onEnd(array, jobs[i].key.index, end) }
    }

    private func fault(_ kind: BatchQuestion.Kind) -> Fault? {
        guard let i = faults.firstIndex(where: { $0.0 == kind }) else { return nil }
        return faults.remove(at: i).1
    }

    func answer(_ question: BatchQuestion) -> (BatchAnswer, looks: Int) {
        let kind = question.kind
        var fault = self.fault(kind), looks = 0
        if case .slow(let more)? = fault { (fault, looks) = (nil, more) }
        switch question {
        case .submit(let array): return (.submitted(tag: array.tag, accept(array, fault)), looks)
        case .list(let asked): return (.listed(list(asked, fault)), looks)
        case .collect(let wanted):
            var missing: [JobKey: String] = [:]
            if case .late(let why)? = fault { for job in wanted { missing[job.key] = why } }
            return (.collected(wanted, missing: missing), looks)
        case .cancel(let wanted): return (.cancelled(Array(wanted.keys), refusal: cancel(wanted, fault)), looks)
        case .show: return (.shown([:], missing: [:]), looks)
        case .discard(let unwanted):
            if case .late(let why)? = fault { return (.discarded(Array(unwanted.keys), refusal: why), looks) }
            discarded += unwanted.keys
            jobs.removeAll { $0.hasEnded && unwanted[$0.key] == $0.id }
            return (.discarded(Array(unwanted.keys), refusal: nil), looks)
        }
    }

    private func accept(_ array: JobArray, _ fault: Fault?) -> [Acceptance] {
        func all(_ answer: Acceptance) -> [Acceptance] { Array(repeating: answer, count: array.count) }
        if array.options.queue == "no-such-queue" { return all(.refused("invalid queue")) }
        if array.options.queue == "away" { return all(.unreachable("no route to host")) }
        switch fault {
        case .unreachable: return all(.unreachable("no route to host"))
        case .refuse(let why): return all(.refused(why))
        case .doubt(let why): return all(.uncertain(why))
        case .swallow: return (0..<array.count).map { .accepted(JobID("swallowed-\($0)")) }
        default: break
        }
        arrays.append(array)
        return (0..<array.count).map { index in
            if case .half(let why)? = fault, index % 2 == 1 { return .uncertain(why) }
            let id = fault == .reuseIDs ? usedID() : newID()
            var job = Job(key: JobKey(array.tag, index), id: id, command: array.command, state: .pending(nil), pendingSteps: 0)
            if case .delay(let steps, let why)? = fault { (job.pendingSteps, job.state) = (steps, .pending(why)) }
            if case .hold(let why)? = fault { job.holds = why }
            jobs.append(job)
            if case .actAndDoubt(let why)? = fault { return .uncertain(why) }
            return .accepted(id)
        }
    }

    private func newID() -> JobID {
        defer { next += 1 }
        return JobID("\(next)")
    }

    private func usedID() -> JobID {
        let live = Set(jobs.filter { !$0.hasEnded }.map(\.id))
        return jobs.last { $0.hasEnded && !live.contains($0.id) }?.id ?? newID()
    }

    private func list(_ asked: [AskedSubmission], _ fault: Fault?) -> BatchListing {
        if fault == .unreachable { return BatchListing(jobs: [], gap: "the fake batch system is away") }
        let tags = Set(asked.map(\.tag))
        var seen = jobs.filter { tags.contains($0.key.tag) }
        if fault == .lag { seen.removeAll { !$0.hasEnded } }
        let unheard = Set(asked.filter { $0.queue.map(silent.contains) ?? false }.map(\.tag))
        seen.removeAll { unheard.contains($0.key.tag) }
        if !unheard.isEmpty {
            return BatchListing(jobs: seen.map { SeenJob($0.key, $0.id, $0.state) }, gap: "a site is away", unheard: unheard)
        }
        let isPartial = fault == .partial
        if isPartial { seen = seen.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) }
        return BatchListing(
            jobs: seen.map { SeenJob($0.key, $0.id, $0.state, node: "n1") }, gap: isPartial ? "it broke off" : nil)
    }

    private func cancel(_ wanted: [JobKey: JobID], _ fault: Fault?) -> String? {
        if case .refuse(let why)? = fault { return why }
        for i in jobs.indices where !jobs[i].hasEnded && wanted[jobs[i].key] == jobs[i].id { conclude(i, .cancelled) }
        if case .actAndDoubt(let why)? = fault { return why }
        return nil
    }
}

extension FakeBatch.Job {
    var hasEnded: Bool {
        if case .ended = state { return true }
        return false
    }
}
