import MartletModel
import MartletPorts
import MartletSystem

/// Jobs as processes of this machine, which outlive the driver: each is the leader of a session of its own, and all
/// that is known of it lies in files. Answers at once.
///
/// A submission is accepted when its description is written. Its jobs are run by `LocalJob.wrapper`, which begins by making
/// the job's process file; whoever makes that file first owns the job, so it is run once at the most, whatever drivers die
/// and start again. A job that no living wrapper holds is started by the next driver that asks about it.
public final class LocalBatch: BatchSystem {
    public static let name = "local"

    /// Wrappers that ended without taking their job before it counts as failed.
    private static let starts = 3

    public let habits = BatchHabits(pollInterval: 0.5, grace: 0, mostElements: 10_000, runsHere: true, avoidsNodes: false)
    public var descriptors: [Int32] { [] }

    private let directory: String
    /// Jobs that this driver lets run at a time.
    private let limit: Int
    private let machine: LocalJob.Machine
    /// Wrappers of this driver that have not been awaited yet: the pid is theirs until then.
    private var wrappers: [JobKey: Int32] = [:]
    /// How often this driver started a wrapper.
    private var attempts: [JobKey: Int] = [:]
    /// What was read of descriptions, which never change.
    private var known: [String: JobArray] = [:]
    /// How jobs ended that were seen to.
    private var ends: [JobKey: JobEnd] = [:]
    private var told: [BatchAnswer] = []

    /// - Parameters:
    ///   - directory: where the jobs' files lie, one directory a submission; made when needed.
    ///   - limit: jobs at a time; nil for no limit.
    /// - Throws: `.stateUnreadable` when the machine's boot cannot be identified.
    public init(directory: String, limit: Int? = nil) throws(Diagnostic) {
        self.directory = directory
        self.limit = limit ?? Int.max
        do {
            machine = try LocalJob.Machine.here()
        } catch {
            throw Diagnostic(.stateUnreadable, subject: error.path, cause: error.text)
        }
    }

    public func ask(_ question: BatchQuestion, now: UInt64) {
        switch question {
        case .submit(let array): told.append(.submitted(tag: array.tag, submit(array)))
        case .list(let asked): told.append(.listed(list(asked)))
        case .collect(let jobs): told.append(.collected(jobs, missing: [:]))
        case .cancel(let jobs): told.append(.cancelled(Array(jobs.keys), refusal: cancel(jobs.keys)))
        case .show: told.append(.shown([:], missing: [:]))
        case .discard(let jobs): told.append(.discarded(Array(jobs.keys), refusal: nil))
        }
    }

    public func answers(now: UInt64) -> [BatchAnswer] {
        defer { told = [] }
        return told
    }

    public func close() { told = [] }

    private func folder(_ tag: String) -> LocalArray { LocalArray(directory: "\(directory)/\(tag)") }
    private func job(_ key: JobKey) -> LocalJob { folder(key.tag).job(key.index) }

    /// A submission whose tag was submitted before is not run again: the answer is the first one's.
    private func submit(_ array: JobArray) -> [Acceptance] {
        func all(_ answer: Acceptance) -> [Acceptance] { Array(repeating: answer, count: array.count) }
        guard LocalBatch.isName(array.tag) else { return all(.refused("\"\(array.tag)\" cannot be a directory's name")) }
        guard !array.command.isEmpty else { return all(.refused("the command is empty")) }
        do throws(SystemError) {
            try folder(array.tag).accept(array)
        } catch {
            return all(.refused(error.description))
        }
        known[array.tag] = array
        let keys = (0..<array.count).map { JobKey(array.tag, $0) }
        // accepted: a failure to start it now is seen, and tried again, when it is asked about
        for key in keys where wrappers.count < limit { _ = start(key, array) }
        return keys.map { .accepted(JobID($0.text)) }
    }

    private func list(_ asked: [AskedSubmission]) -> BatchListing {
        wrappers = wrappers.filter { !Process.reap($0.value) }
        var jobs: [SeenJob] = []
        do throws(SystemError) {
            for one in asked where LocalBatch.isName(one.tag) {
                guard let array = try description(of: one.tag) else { continue }
                for index in one.elements where index < array.count {
                    let key = JobKey(one.tag, index)
                    jobs.append(SeenJob(key, JobID(key.text), try state(of: key, array), node: machine.host))
                }
            }
        } catch {
            return BatchListing(jobs: jobs, gap: error.description)
        }
        return BatchListing(jobs: jobs, gap: nil)
    }

    private func description(of tag: String) throws(SystemError) -> JobArray? {
        if let array = known[tag] { return array }
        known[tag] = try folder(tag).description(of: tag)
        return known[tag]
    }

    private func state(of key: JobKey, _ array: JobArray) throws(SystemError) -> SeenState {
        if let end = ends[key] { return .ended(end) }
        if let end = try job(key).ending() { return over(key, end) }
        switch try job(key).holder(on: machine) {
        case .running, .elsewhere: return .running
        case .gone:
            // it may have ended between the two looks
            if let end = try job(key).ending() { return over(key, end) }
            return .ended(.nodeFailure("its process is gone"))
        case .nobody:
            if wrappers[key] != nil || wrappers.count >= limit { return .pending(nil) }
            if let refusal = start(key, array) { return over(key, .nodeFailure(refusal)) }
            return .pending(nil)
        }
    }

    private func over(_ key: JobKey, _ end: JobEnd) -> SeenState {
        ends[key] = end
        return .ended(end)
    }

    /// Kills the jobs' process groups at once; jobs that have ended or that nobody knows are passed over.
    /// - Returns: what went wrong.
    private func cancel(_ keys: some Sequence<JobKey>) -> String? {
        for key in keys where LocalBatch.isName(key.tag) {
            do throws(SystemError) {
                guard let array = try description(of: key.tag), key.index < array.count else { continue }
                try job(key).cancel(on: machine)
            } catch {
                return error.description
            }
        }
        return nil
    }

    /// Starts a wrapper for an accepted job.
    /// - Returns: why that is of no use any more, or nil.
    private func start(_ key: JobKey, _ array: JobArray) -> String? {
        if attempts[key, default: 0] >= LocalBatch.starts { return "it could not be started; its log may say why" }
        attempts[key, default: 0] += 1
        do throws(SystemError) {
            wrappers[key] = try job(key).start(array, key.index, on: machine)
            return nil
        } catch {
            return attempts[key, default: 0] >= LocalBatch.starts ? error.description : nil
        }
    }

    private static func isName(_ tag: String) -> Bool {
        !tag.isEmpty && !tag.hasPrefix(".") && tag.utf8.count <= 200 && !tag.utf8.contains { $0 == 0x2F || $0 == 0 }
    }
}
