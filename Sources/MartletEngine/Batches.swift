import MartletModel

/// Tasks that may run as one: those of one group, up to so many at once.
public struct BatchTerms: Hashable, Sendable {
    /// The same for tasks that differ in nothing but what can be combined.
    public var group: Int
    /// So many at once.
    public var most: Int

    public init(group: Int, most: Int) {
        self.group = group
        self.most = max(1, most)
    }

    /// Stands for every group in the ready queue.
    static let any = BatchTerms(group: -1, most: 1)
}

/// Tasks that run as one: the first of them, the leader, holds the lease; the others follow it from state to state.
struct Batches {
    private var followers: [TaskIndex: [TaskIndex]] = [:]
    private var leaders: [TaskIndex: TaskIndex] = [:]
    /// Tasks that are ready and wait for the end of the plan: then a batch is as full as if all had been planned first.
    var awaitingPlan: Set<Int> = []

    func followers(of leader: TaskIndex) -> [TaskIndex] { followers.isEmpty ? [] : followers[leader] ?? [] }
    func leader(of follower: TaskIndex) -> TaskIndex? { leaders.isEmpty ? nil : leaders[follower] }

    mutating func form(_ leader: TaskIndex, _ others: [TaskIndex]) {
        if others.isEmpty { return }
        followers[leader] = others
        for follower in others { leaders[follower] = leader }
    }

    /// Some of those who follow do so no more. - Returns: them.
    mutating func release(_ some: [TaskIndex], from leader: TaskIndex) -> [TaskIndex] {
        guard let others = followers[leader] else { return [] }
        let leaving = Set(some)
        let left = others.filter { !leaving.contains($0) }, released = others.filter { leaving.contains($0) }
        followers[leader] = left.isEmpty ? nil : left
        for one in released { leaders[one] = nil }
        return released
    }

    /// The batch is no more. - Returns: those who followed.
    mutating func dissolve(_ leader: TaskIndex) -> [TaskIndex] {
        guard !followers.isEmpty, let others = followers.removeValue(forKey: leader) else { return [] }
        for follower in others { leaders[follower] = nil }
        return others
    }
}

extension Engine {
    /// The tasks that run together with this one, which leads them; empty when it runs alone.
    public func followers(of leader: TaskIndex) -> [TaskIndex] { batches.followers(of: leader) }

    /// Whether a task that is ready has to wait for others that may run as one with it.
    func awaitsPlan(_ number: Int) -> Bool { phase == .planning && settings.streams && terms.batch(number) != nil }

    /// The plan is complete.
    mutating func enqueueAwaiting() {
        let tasks = batches.awaitingPlan
        batches.awaitingPlan = []
        for i in tasks where states[i] == .ready { enqueue(i) }
    }

    /// Followers run with their leader.
    mutating func follow(_ leader: TaskIndex) {
        for follower in batches.followers(of: leader) { move(follower.position, to: .running, reason(of: follower)) }
    }

    /// These do not run as one with their leader, as was thought.
    mutating func part(_ tasks: [TaskIndex], from leader: TaskIndex) {
        guard isRunning(leader) else { return }
        for task in batches.release(tasks, from: leader) { makeReady(task.position) }
    }

    /// The leader did not come to its end: each of the batch is ready for itself again.
    mutating func disband(_ leader: TaskIndex) {
        for follower in batches.dissolve(leader) {
            switch states[follower.position] {
            case .running: makeReady(follower.position)
            case .ready: if !isKeptBack(follower.position) { enqueue(follower.position) }
            default: break  // suspended: it becomes ready when what it waits for is complete
            }
        }
    }

    /// What does not hold for batches.
    func wrongBatches() -> [String] {
        var wrong: [String] = []
        for i in states.indices {
            let task = TaskIndex(i), others = followers(of: task)
            if others.isEmpty { continue }
            let most = terms[Int(graph.terms[i])].batch?.most ?? 1
            if others.count >= most { wrong.append("\(others.count + 1) tasks run as one, \(most) may") }
            for other in others {
                if states[other.position] != states[i] { wrong.append("task \(other) is not where its batch is") }
                if graph.terms[other.position] != graph.terms[i] { wrong.append("task \(other) is in a strange batch") }
            }
        }
        return wrong
    }
}
