import Glibc
import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem

/// A task whose job has ended, or will never be: its own account of it, or what became of the job.
package struct EndedJob {
    package var task: TaskIndex
    /// What the task's process left; nil: it never came to that, and `kind` and `cause` tell.
    package var frame: OutcomeFrame?
    /// Where the job has reported it; nil where it has not.
    package var recorded: ReportPlace?
    var log: String
    package var kind = Outcome.Kind.done
    package var cause = ""

    init(task: TaskIndex, frame: OutcomeFrame, recorded: ReportPlace? = nil, log: String) {
        self.task = task
        self.frame = frame
        self.recorded = recorded
        self.frame!.task = task  // a job knows it by its place in the slice
        self.log = log
    }

    init(task: TaskIndex, log: String, kind: Outcome.Kind, cause: String) {
        self.task = task
        self.log = log
        self.kind = kind
        self.cause = cause
    }

    /// The part of the log that is its own.
    var span: Execution.LogSpan {
        if let frame, !frame.hasOwnLog {
            return Execution.LogSpan(file: log, offset: Int64(clamping: frame.logOffset), length: Int64(clamping: frame.logLength))
        }
        return Execution.LogSpan(file: log, offset: 0, length: FileLength.of(log))
    }
}

extension JobEnd {
    /// Stages of a job that failed before its task began, and have to do with the node (docs/bundles.md).
    private static let stagesOfNode: ClosedRange<Int32> = 24...30
    /// … and those that would fail elsewhere as well.
    private static let stagesOfJob: ClosedRange<Int32> = 20...23

    /// What it means for a task that left no outcome.
    var kind: Outcome.Kind {
        switch self {
        case .outOfMemory: return .outOfMemory
        case .timeLimit: return .timedOut
        case .exited(let status) where JobEnd.stagesOfJob.contains(status): return .couldNotStart
        default: return .workerLost
        }
    }

    /// Whether the job failed before its first task began: then the last line of its log says why.
    var isOfStage: Bool {
        if case .exited(let status) = self { return JobEnd.stagesOfNode.contains(status) || JobEnd.stagesOfJob.contains(status) }
        return false
    }

    /// Whether it tells why a process of the job was lost, better than what is known of that process.
    /// - Parameter isAtEnd: nothing ended in another way since (`JobResult.lostAtEnd`).
    func explains(_ loss: OutcomeFrame, isAtEnd: Bool) -> Bool {
        func was(_ signal: Int32) -> Bool { loss.text.prefix { $0 != "\n" }.hasSuffix(Signals.name(signal)) }
        switch self {
        case .succeeded, .exited: return false
        // systems take one process for another, and let the job go on
        case .outOfMemory: return was(SIGKILL)
        default: return isAtEnd && (was(SIGKILL) || was(SIGTERM))
        }
    }

    /// Whether somebody may have ended it on request.
    var isByHand: Bool {
        switch self {
        case .cancelled, .signalled, .evicted, .unknown: return true
        default: return false
        }
    }

    /// Whether somebody wanted it to end, and it was not the job's fault.
    var isOnPurpose: Bool {
        switch self {
        case .cancelled, .evicted: return true
        default: return false
        }
    }

    /// Whether another node may do better.
    var isOfNode: Bool {
        switch self {
        case .nodeFailure: return true
        case .exited(let status): return JobEnd.stagesOfNode.contains(status)
        default: return false
        }
    }

    /// Whether another queue or site may do better.
    var isOfPlace: Bool {
        switch self {
        case .evicted, .unknown: return true
        default: return isOfNode
        }
    }

    /// In words, without what is different from job to job.
    var words: String {
        switch self {
        case .succeeded: return "its job left no result"
        case .signalled(let signal): return "its job failed: \(Signals.name(signal))"
        default: return "its job failed: \(text)"
        }
    }
}
