import MartletModel
import MartletPorts
import MartletSystem
import Synchronization

/// Jobs as processes of this machine, which outlive the driver: each is the leader of a session of its own, and all
/// that is known of it lies in files.
///
/// A job is accepted when its description is written. It is run by `LocalJob.wrapper`, which begins by making the
/// job's process file; whoever makes that file first owns the job, so it is run once at the most, whatever drivers die
/// and start again. A job that no living wrapper holds is started by the next driver that asks about it.
///
/// Safe for use by several threads.
public final class LocalBatch: BatchSystem {
    public static let name = "local"

    /// Wrappers that ended without taking their job before it counts as failed.
    private static let starts = 3

    private struct State {
        /// Wrappers of this driver that have not been awaited yet: tag to pid, which is theirs until then.
        var wrappers: [String: Int32] = [:]
        /// How often this driver started a wrapper.
        var attempts: [String: Int] = [:]
    }

    private let directory: String
    /// Jobs that this driver lets run at a time.
    private let limit: Int
    private let machine: LocalJob.Machine
    private let state = Mutex(State())

    /// - Parameters:
    ///   - directory: where the jobs' files lie, one directory each; made when needed.
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

    private func job(_ tag: String) -> LocalJob { LocalJob(directory: "\(directory)/\(tag)") }

    /// A job whose tag was submitted before is not run again: the answer is the first one's.
    public func submit(_ jobs: [JobDescription]) -> [Result<JobID, BatchError>] {
        state.withLock { state in
            jobs.map { description in
                guard LocalBatch.isName(description.tag) else {
                    return .failure(BatchError(.refused, "\"\(description.tag)\" cannot be a directory's name"))
                }
                guard !description.command.isEmpty else {
                    return .failure(BatchError(.refused, "the command is empty"))
                }
                do throws(SystemError) {
                    try job(description.tag).accept(description)
                } catch {
                    return .failure(BatchError(.refused, error.description))
                }
                // accepted: a failure to start it now is seen, and tried again, when it is asked about
                if state.wrappers.count < limit { _ = start(description.tag, &state) }
                return .success(JobID(description.tag))
            }
        }
    }

    public func query(_ jobs: [JobID]) throws(BatchError) -> [JobState] {
        do {
            return try state.withLock { state in
                reap(&state)
                return try jobs.map { try look($0.raw, &state) }
            }
        } catch let error as SystemError {
            throw BatchError(.transient, error.description)
        } catch {
            throw BatchError(.transient, "\(error)")
        }
    }

    public func find(tags: [String]) throws(BatchError) -> [String: JobID] {
        var found: [String: JobID] = [:]
        for tag in tags where LocalBatch.isName(tag) {
            do throws(SystemError) {
                if try job(tag).description() != nil { found[tag] = JobID(tag) }
            } catch {
                throw BatchError(.transient, error.description)
            }
        }
        return found
    }

    /// Kills the jobs' process groups at once; jobs that have ended or that nobody knows are passed over.
    public func cancel(_ jobs: [JobID]) throws(BatchError) {
        for id in jobs where LocalBatch.isName(id.raw) {
            do throws(SystemError) {
                try job(id.raw).cancel(on: machine)
            } catch {
                throw BatchError(.transient, error.description)
            }
        }
    }

    /// Removes what is kept of jobs that have ended, once their results are collected. Others are left alone.
    public func forget(_ jobs: [JobID]) throws(BatchError) {
        for id in jobs where LocalBatch.isName(id.raw) {
            do throws(SystemError) {
                if try job(id.raw).ending() != nil { try job(id.raw).remove() }
            } catch {
                throw BatchError(.transient, error.description)
            }
        }
    }

    private func look(_ tag: String, _ state: inout State) throws(SystemError) -> JobState {
        guard LocalBatch.isName(tag) else { return .lost }
        let job = job(tag)
        if let ending = try job.ending() { return ending }
        switch try job.holder(on: machine) {
        case .running, .elsewhere: return .running
        case .gone:
            // it may have ended between the two looks
            return try job.ending() ?? .lost
        case .nobody:
            guard try job.description() != nil else { return .lost }
            if state.wrappers[tag] != nil || state.wrappers.count >= limit { return .pending }
            if let refusal = start(tag, &state) { return .failed(cause: refusal) }
            return .pending
        }
    }

    /// Starts a wrapper for an accepted job.
    /// - Returns: why that is of no use any more, or nil.
    private func start(_ tag: String, _ state: inout State) -> String? {
        if state.attempts[tag, default: 0] >= LocalBatch.starts {
            return "it could not be started; its log may say why"
        }
        state.attempts[tag, default: 0] += 1
        do throws(SystemError) {
            guard let description = try job(tag).description() else { return nil }
            state.wrappers[tag] = try job(tag).start(description, on: machine)
            return nil
        } catch {
            return state.attempts[tag, default: 0] >= LocalBatch.starts ? error.description : nil
        }
    }

    private func reap(_ state: inout State) {
        state.wrappers = state.wrappers.filter { !Process.reap($0.value) }
    }

    private static func isName(_ tag: String) -> Bool {
        !tag.isEmpty && !tag.hasPrefix(".") && tag.utf8.count <= 200 && !tag.utf8.contains { $0 == 0x2F || $0 == 0 }
    }
}
