import MartletModel
import MartletPorts

/// What was learned of tasks whose jobs failed, and of nodes: what the next job asks for.
struct JobTrials {
    /// More of them would be no bad nodes.
    static let mostNodes = 16
    private static let more = 2.0

    private var memory: [TaskIndex: UInt64] = [:]
    private var walltime: [TaskIndex: Double] = [:]
    /// How often a task's submission vanished.
    private var vanished: [TaskIndex: Int] = [:]
    /// Queues that have refused a task's job.
    private var refusals: [TaskIndex: Set<String>] = [:]
    private(set) var badNodes: [String] = []

    /// Takes in how a job ended that left a task undone.
    /// - Returns: whether the task's next job will be given more time.
    mutating func saw(_ end: JobEnd, of task: TaskIndex, options: JobOptions, node: String?, peak: UInt64?) -> Bool {
        if end.isOfNode, let node, !badNodes.contains(node), badNodes.count < JobTrials.mostNodes { badNodes.append(node) }
        switch end {
        case .outOfMemory:
            if let had = options.memory ?? peak { memory[task] = UInt64(Double(had) * JobTrials.more) }
            return false
        case .timeLimit:
            guard let had = options.walltime, walltime[task] == nil else { return false }
            walltime[task] = had * JobTrials.more
            return true
        default: return false
        }
    }

    /// Its job was never accepted, though nothing was said against it. - Returns: how often that was so by now.
    mutating func vanished(_ task: TaskIndex) -> Int {
        vanished[task, default: 0] += 1
        return doubts(of: task)
    }

    func doubts(of task: TaskIndex) -> Int { vanished[task, default: 0] }

    /// A job did well there.
    mutating func succeeded(on node: String?) {
        if let node, !badNodes.isEmpty { badNodes.removeAll { $0 == node } }
    }

    mutating func forgetNodes() { badNodes = [] }

    mutating func refused(_ task: TaskIndex, by queue: String) { refusals[task, default: []].insert(queue) }

    /// See `JobRequest.queues`: those that have not refused it.
    func queues(of request: JobRequest, for task: TaskIndex) -> [String] {
        guard let refused = refusals[task] else { return request.queues }
        return request.queues.filter { !refused.contains($0) }
    }

    func wish(of request: JobRequest, for task: TaskIndex) -> WaitingTasks.Wish {
        WaitingTasks.Wish(options: options(of: request, for: task), queues: queues(of: request, for: task))
    }

    func options(of request: JobRequest, for task: TaskIndex) -> JobOptions {
        var options = request.options
        if let more = memory[task] { options.memory = max(options.memory ?? 0, more) }
        if let more = walltime[task] { options.walltime = max(options.walltime ?? 0, more) }
        options.avoidedNodes = badNodes.sorted()
        return options
    }
}

/// Failures that are all alike: more of the same are not worth submitting.
struct FailureStorm {
    /// So many alike without a success between them.
    static let limit = 25

    private var alike: [String: Int] = [:]
    /// What they all said, once there were too many.
    private(set) var cause: String?

    mutating func succeeded() {
        if cause == nil { alike = [:] }
    }

    mutating func failed(_ text: String) {
        let line = text.prefix { $0 != "\n" }
        let words = String(line.filter { !$0.isNumber })
        alike[words, default: 0] += 1
        if alike[words]! >= FailureStorm.limit && cause == nil { cause = String(line) }
    }
}
