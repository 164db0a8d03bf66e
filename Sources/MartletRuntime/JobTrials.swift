import MartletEngine
import MartletModel
import MartletPorts

/// What was learned of tasks whose jobs failed, and of nodes: what the next job asks for. Tasks are known by their ids.
struct JobTrials {
    /// More of them would be no bad nodes.
    static let mostNodes = 16
    private static let more = 2.0

    private var memory: [String: UInt64] = [:]
    private var walltime: [String: Double] = [:]
    /// How often a task's submission vanished.
    private var vanished: [String: Int] = [:]
    /// Queues that have refused a task's job.
    private var refusals: [String: Set<String>] = [:]
    private(set) var badNodes: [String] = []

    /// Takes in how a job ended that left a task undone.
    /// - Returns: whether the task's next job will be given more time.
    mutating func saw(_ end: JobEnd, of request: JobRequest, options: JobOptions, node: String?, peak: UInt64?) -> Bool {
        if end.isOfNode, let node { avoid(node) }
        switch end {
        case .outOfMemory:
            guard let had = options.memory ?? peak else { return false }
            for task in request.tasks { memory[task] = UInt64(saturating: Double(had) * JobTrials.more) }
            return false
        case .timeLimit:
            guard let had = options.walltime, request.tasks.allSatisfy({ walltime[$0] == nil }) else { return false }
            for task in request.tasks { walltime[task] = had * JobTrials.more }
            return true
        default: return false
        }
    }

    private mutating func avoid(_ node: String) {
        if !badNodes.contains(node) && badNodes.count < JobTrials.mostNodes { badNodes.append(node) }
    }

    /// Its job was never accepted, though nothing was said against it. - Returns: how often that was so by now.
    mutating func vanished(_ request: JobRequest) -> Int {
        vanished[request.task, default: 0] += 1
        return doubts(of: request)
    }

    func doubts(of request: JobRequest) -> Int { vanished[request.task, default: 0] }

    /// A job did well there.
    mutating func succeeded(on node: String?) {
        if let node, !badNodes.isEmpty { badNodes.removeAll { $0 == node } }
    }

    mutating func forgetNodes() { badNodes = [] }

    mutating func refused(_ request: JobRequest, by queue: String) { refusals[request.task, default: []].insert(queue) }

    /// See `JobRequest.queues`: those that have not refused it.
    func queues(of request: JobRequest) -> [String] {
        guard let refused = refusals[request.task] else { return request.queues }
        return request.queues.filter { !refused.contains($0) }
    }

    func wish(of request: JobRequest) -> WaitingTasks.Wish {
        WaitingTasks.Wish(options: options(of: request), queues: queues(of: request))
    }

    func options(of request: JobRequest) -> JobOptions {
        var options = request.options
        if !memory.isEmpty || !walltime.isEmpty {
            for task in request.tasks {
                if let more = memory[task] { options.memory = max(options.memory ?? 0, more) }
                if let more = walltime[task] { options.walltime = max(options.walltime ?? 0, more) }
            }
        }
        options.avoidedNodes = badNodes.sorted()
        return options
    }

    // MARK: from run to run

    /// What earlier runs have learned of a task.
    mutating func take(_ tries: JobTries, of task: String) {
        if let more = tries.memory { memory[task] = max(memory[task] ?? 0, more) }
        if let more = tries.walltime { walltime[task] = max(walltime[task] ?? 0, more) }
        for node in tries.avoidedNodes { avoid(node) }
    }

    /// What the ledger is to say of its tasks, by their ids; nothing of a first try, nor where their policy has no tries for what
    /// has happened: who wants them again has seen to the cause.
    /// - Parameter cause: how it has failed just now; nil: it has not.
    func tries(of request: JobRequest, after cause: Outcome.Kind? = nil) -> [String: JobTries] {
        let more = cause == nil ? 0 : 1
        if let given = request.given, more == 0 { return Dictionary(request.tasks.map { ($0, given) }) { first, _ in first } }
        if let cause, request.retry.retries[cause] ?? 0 == 0 { return [:] }
        if more == 0 && request.failed.allSatisfy({ $0 == 0 }) { return [:] }
        let nodes = badNodes.sorted()
        var tries: [String: JobTries] = [:]
        for (task, failed) in zip(request.tasks, request.failed) where failed + more > 0 {
            tries[task] = JobTries(
                failed: failed + more, cause: cause?.rawValue, memory: memory[task], walltime: walltime[task], avoidedNodes: nodes)
        }
        return tries
    }
}

/// Failures that are all alike: more of the same are not worth submitting.
struct FailureStorm {
    /// So many alike without a success between them.
    static let limit = 25

    private var alike: [String: Int] = [:]
    /// What they all said, once there were too many.
    private(set) var cause: String?
    /// The task of the last of them, where it had one.
    private(set) var last: TaskIndex?
    private var told = false

    mutating func succeeded() {
        if cause == nil { alike = [:] }
    }

    /// - Returns: whether this was one too many.
    mutating func failed(_ text: String, _ task: TaskIndex?) -> Bool {
        let line = text.prefix { $0 != "\n" }
        let words = String(line.filter { !$0.isNumber })
        alike[words, default: 0] += 1
        guard alike[words]! >= FailureStorm.limit && cause == nil else { return false }
        (cause, last) = (String(line), task)
        return true
    }

    /// Whether there is nothing to tell, or it was told before.
    mutating func isTold() -> Bool {
        defer { told = cause != nil }
        return told || cause == nil
    }
}
