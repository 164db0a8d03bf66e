import MartletEngine
import MartletModel
import MartletPorts

/// Tasks that were handed over, and are not wanted any more.
extension RemoteJobs {
    /// Jobs of which the system says that they wait are cancelled, where nobody else wants what they are to do; of pilots, what
    /// none of them has claimed is taken back. Those tasks are returned when that is sure; what has begun goes on.
    /// - Returns: tasks that were not submitted.
    func recall(_ tasks: [TaskIndex]) -> [TaskIndex] {
        recalled.formUnion(tasks)
        polling.hurry()
        return waiting.take { recalled.contains($0.task) }.map(\.task)
    }

    /// Tasks that did not come to their turn, each once.
    func takeReturned() -> [TaskIndex] {
        defer { returned = [] }
        return returned
    }

    /// Whether a job is to be cancelled that has not begun.
    func isRecalled(_ key: JobKey) -> Bool {
        guard !recalled.isEmpty, let element = submissions[key], !element.members.isEmpty else { return false }
        // several members may have one place, where what ran as one is asked for separately
        let ours = Set(element.members.flatMap(\.request.tasks))
        return ours.count >= element.size && element.members.allSatisfy { recalled.contains($0.task) }
    }

    /// Whether it was this run that wanted the job to end.
    func isCalledOff(_ key: JobKey, _ end: JobEnd) -> Bool {
        end.isByHand && (isCancelling || withdrawn.contains(key))
    }

    /// Slices that nobody has claimed, and all of whose tasks are recalled.
    func recalledSlices(of tag: String) -> [Int] {
        guard !recalled.isEmpty, let pool = submissions[tag]?.pool else { return [] }
        return pool.unclaimed.filter { pool.members[$0]!.allSatisfy { recalled.contains($0.task) } }
    }

    // MARK: failures that are all alike

    /// A try has failed. - Parameter task: nil where it came to none.
    func failed(_ words: String, _ task: TaskIndex? = nil) {
        guard storm.failed(words, task), let cause = storm.cause else { return }
        notes.add("nothing more is submitted, since \(FailureStorm.limit) tries have failed alike: \(cause)")
    }

    /// What there is to know when failures have become too many, once.
    func takeStorm() -> FailureStorm? { storm.isTold() ? nil : storm }
}
