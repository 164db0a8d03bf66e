import MartletModel
import MartletPorts

/// What every batch system must do; one body for all of them.
/// - Parameters:
///   - directory: an existing directory for logs.
///   - pause: lets time pass: a moment's sleep for a real system, a step for a fake one.
///   - make: the batch system as a newly started driver would see it; every call sees the same jobs.
public func batchContract<System: BatchSystem>(
    directory: String, pause: @escaping () -> Void, make: () throws -> System
) rethrows -> Findings {
    var contract = BatchContract(system: try make(), directory: directory, pause: pause)
    contract.jobsEndAsTheirCommandsDo()
    contract.runningJobsCanBeCancelled()
    contract.unknownJobsAreLost()
    contract.runs("later")
    contract.isFound(by: try make(), "later")
    contract.emptyCallsAreContent()
    return contract.found
}

private struct BatchContract<System: BatchSystem> {
    let system: System
    let directory: String
    let pause: () -> Void
    var found = Findings()
    var submitted: [String: JobID] = [:]

    init(system: System, directory: String, pause: @escaping () -> Void) {
        self.system = system
        self.directory = directory
        self.pause = pause
    }

    private mutating func submit(_ jobs: [(tag: String, command: [String])]) -> [JobID] {
        let answers = system.submit(
            jobs.map {
                JobDescription(
                    tag: $0.tag, command: $0.command, directory: directory, log: "\(directory)/\($0.tag).log")
            })
        found.expect(answers.count == jobs.count, "\(answers.count) answers to \(jobs.count) jobs")
        var ids: [JobID] = []
        for (job, answer) in zip(jobs, answers) {
            guard let id = found.value(answer, "submit of \(job.tag)") else { continue }
            ids.append(id)
            submitted[job.tag] = id
        }
        found.expect(Set(ids).count == ids.count, "two jobs have one id")
        return ids
    }

    private mutating func query(_ system: System, _ ids: [JobID]) -> [JobState] {
        do {
            let states = try system.query(ids)
            found.expect(states.count == ids.count, "\(states.count) states of \(ids.count) jobs")
            return states
        } catch {
            found.expect(false, "query failed: \(error)")
            return []
        }
    }

    /// Asks until `enough`, 2000 times at the most.
    private mutating func wait(_ ids: [JobID], until enough: ([JobState]) -> Bool) -> [JobState] {
        var states: [JobState] = []
        for _ in 0..<2000 {
            states = query(system, ids)
            if states.count != ids.count || enough(states) { return states }
            pause()
        }
        found.expect(false, "the jobs stay \(states)")
        return states
    }

    mutating func jobsEndAsTheirCommandsDo() {
        let ids = submit([("good", ["true"]), ("bad", ["false"]), ("good-2", ["true"])])
        guard ids.count == 3 else { return }
        let states = wait(ids) { $0.allSatisfy(\.hasEnded) }
        guard states.count == 3 else { return }
        found.expect(states[0] == .finished && states[2] == .finished, "jobs that succeed are \(states)")
        found.expect(states[1].isExplainedFailure, "a job that fails is \(states[1]), or no cause is given")
        found.expect(query(system, ids) == states, "the end of a job is told only once")
        found.expect(query(system, ids.reversed()) == states.reversed(), "states are not in the order of the question")
    }

    mutating func runningJobsCanBeCancelled() {
        let ids = submit([("long", ["sleep", "600"]), ("other", ["true"])])
        guard ids.count == 2 else { return }
        _ = wait([ids[0]]) { $0[0] == .running }
        do {
            try system.cancel([ids[0]])
            try system.cancel([ids[0]])
            let states = wait(ids) { $0.allSatisfy(\.hasEnded) }
            found.expect(states.count == 2 && states[0] != .finished, "a cancelled job is said to have succeeded")
            found.expect(states.last == .finished, "cancelling one job touched another")
            try system.cancel(ids)
        } catch {
            found.expect(false, "cancel failed: \(error)")
        }
    }

    mutating func unknownJobsAreLost() {
        found.expect(query(system, [JobID("no-such-job")]) == [.lost], "an unknown job is not lost")
    }

    mutating func runs(_ tag: String) {
        let ids = submit([(tag, ["sleep", "600"])])
        if !ids.isEmpty { _ = wait(ids) { $0[0] == .running } }
    }

    /// What a driver sees that starts after another one has died.
    mutating func isFound(by next: System, _ tag: String) {
        do {
            let known = try next.find(tags: Array(submitted.keys) + ["never-submitted"])
            found.expect(known == submitted, "jobs are found as \(known), not \(submitted)")
            guard let id = submitted[tag] else { return }
            found.expect(query(next, [id]) == [.running], "a running job is not running to the next driver")
            if let ended = submitted["good"] {
                found.expect(query(next, [ended]) == [.finished], "a finished job is not finished to the next driver")
            }
            try next.cancel([id])
            _ = wait([id]) { $0[0].hasEnded }
        } catch {
            found.expect(false, "the next driver was refused: \(error)")
        }
    }

    mutating func emptyCallsAreContent() {
        found.expect(system.submit([]).isEmpty, "an answer to no job")
        found.expect(query(system, []).isEmpty, "a state of no job")
        do {
            found.expect(try system.find(tags: []).isEmpty, "a job for no tag")
            try system.cancel([])
        } catch {
            found.expect(false, "an empty call was refused: \(error)")
        }
    }
}

extension JobState {
    fileprivate var hasEnded: Bool { self != .pending && self != .running }

    fileprivate var isExplainedFailure: Bool {
        if case .failed(let cause) = self { return !cause.isEmpty }
        return false
    }
}
