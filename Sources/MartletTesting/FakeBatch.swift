import MartletModel
import MartletPorts
import Synchronization

/// A batch system that runs nothing and misbehaves when told to. Jobs move when `step()` is called: pending, then
/// running, then as the command says: `true` finishes, `false` fails, `sleep` runs on, anything else finishes.
/// Safe for use by several threads.
public final class FakeBatch: BatchSystem {
    public static let name = "fake"

    public enum Fault: Equatable, Sendable {
        /// submit: the job is refused and unknown from then on.
        case refuse(BatchError)
        /// submit, cancel: it is done, and then said to have failed.
        case actAndFail(BatchError)
        /// submit: said to have been accepted; no such job exists.
        case swallow
        /// query, find: the system does not answer.
        case unreachable
        /// query: every running job is called lost, though it runs on.
        case forget
        /// query, find: what is asked for second, fourth, … is missing: lost, or not found.
        case partial
        /// submit: the job stays pending for so many more steps.
        case delay(steps: Int)
        /// submit: the job gets the id of the last one that has ended, as systems do whose counters start again.
        case reuseID
    }

    public enum Operation: String, CaseIterable, Sendable {
        case submit, query, find, cancel
    }

    fileprivate struct Job {
        var description: JobDescription
        var id: JobID
        var state: JobState
        var pendingSteps: Int
    }

    fileprivate struct State {
        /// In the order of submission; of two jobs with one id the later one answers to it.
        var jobs: [Job] = []
        var faults: [(Operation, Fault)] = []
        var next = 1
        var submissions: [String: Int] = [:]

        mutating func fault(_ operation: Operation) -> Fault? {
            guard let i = faults.firstIndex(where: { $0.0 == operation }) else { return nil }
            return faults.remove(at: i).1
        }
    }

    private let state = Mutex(State())

    public init() {}

    /// The next call of that kind goes wrong, or for `submit` the next job. Faults are used up in order.
    public func inject(_ fault: Fault, on operation: Operation, times: Int = 1) {
        state.withLock { state in for _ in 0..<times { state.faults.append((operation, fault)) } }
    }

    /// How often a job with this tag was accepted; more than once is what a driver must never bring about.
    public func submissions(of tag: String) -> Int { state.withLock { $0.submissions[tag, default: 0] } }

    /// Tags of all accepted jobs, in order.
    public var tags: [String] { state.withLock { $0.jobs.map(\.description.tag) } }

    /// Lets every job take its next step.
    public func step() {
        state.withLock { state in
            for i in state.jobs.indices { state.jobs[i].step() }
        }
    }

    /// Ends a job at once.
    public func end(_ tag: String, as end: JobState) {
        state.withLock { state in
            for i in state.jobs.indices where state.jobs[i].description.tag == tag { state.jobs[i].state = end }
        }
    }

    public func submit(_ jobs: [JobDescription]) -> [Result<JobID, BatchError>] {
        state.withLock { state in jobs.map { FakeBatch.accept($0, &state) } }
    }

    private static func accept(_ job: JobDescription, _ state: inout State) -> Result<JobID, BatchError> {
        let fault = state.fault(.submit)
        if case .refuse(let error)? = fault { return .failure(error) }
        var id = JobID("\(state.next)")
        state.next += 1
        if fault == .swallow { return .success(id) }
        if fault == .reuseID, let old = state.jobs.last(where: { $0.state != .pending && $0.state != .running }) {
            id = old.id
        }
        var steps = 0
        if case .delay(let more)? = fault { steps = more }
        state.jobs.append(Job(description: job, id: id, state: .pending, pendingSteps: steps))
        state.submissions[job.tag, default: 0] += 1
        if case .actAndFail(let error)? = fault { return .failure(error) }
        return .success(id)
    }

    public func query(_ jobs: [JobID]) throws(BatchError) -> [JobState] {
        let answer: Result<[JobState], BatchError> = state.withLock { state in
            let fault = state.fault(.query)
            if fault == .unreachable { return .failure(BatchError(.transient, "the fake batch system is away")) }
            return .success(
                jobs.enumerated().map { i, id in
                    let known = state.jobs.last { $0.id == id }?.state ?? .lost
                    if fault == .forget && known == .running { return .lost }
                    return fault == .partial && i % 2 == 1 ? .lost : known
                })
        }
        return try answer.get()
    }

    public func find(tags: [String]) throws(BatchError) -> [String: JobID] {
        let answer: Result<[String: JobID], BatchError> = state.withLock { state in
            let fault = state.fault(.find)
            if fault == .unreachable { return .failure(BatchError(.transient, "the fake batch system is away")) }
            var found: [String: JobID] = [:]
            for (i, tag) in tags.enumerated() where fault != .partial || i % 2 == 0 {
                found[tag] = state.jobs.last { $0.description.tag == tag }?.id
            }
            return .success(found)
        }
        return try answer.get()
    }

    public func cancel(_ jobs: [JobID]) throws(BatchError) {
        let answer: Result<Void, BatchError> = state.withLock { state in
            let fault = state.fault(.cancel)
            if case .refuse(let error)? = fault { return .failure(error) }
            for i in state.jobs.indices where jobs.contains(state.jobs[i].id) {
                if [.pending, .running].contains(state.jobs[i].state) {
                    state.jobs[i].state = .failed(cause: "cancelled")
                }
            }
            if case .actAndFail(let error)? = fault { return .failure(error) }
            return .success(())
        }
        try answer.get()
    }
}

extension FakeBatch.Job {
    fileprivate mutating func step() {
        switch state {
        case .pending:
            if pendingSteps > 0 { pendingSteps -= 1 } else { state = .running }
        case .running:
            switch description.command.first {
            case "sleep": break
            case "false": state = .failed(cause: "exit status 1")
            default: state = .finished
            }
        default: break
        }
    }
}
