import MartletModel
import MartletPorts

/// A submission under way, as far as this run has tasks in it.
struct Submission {
    /// A task of this run, or one with those that run as one with it, and its place in the slice of its job.
    struct Member {
        var position: Int
        var task: TaskIndex
        var request: JobRequest

        /// How many tasks it stands for.
        var count: Int { request.followers.count + 1 }
    }

    enum Progress: Equatable { case unanswered, pending, running, ended }

    /// One job.
    struct Element {
        var members: [Member]
        /// Tasks of its slice, where some may be those of other runs.
        var size = 0
        var id: JobID?
        var progress = Progress.unanswered
        /// Why it is not known whether the system took it.
        var doubt: String?
        /// When it was seen last, or else its submission was answered: the monotonic clock, nanoseconds.
        var since: UInt64
        /// Complete lists without it, in succession.
        var absences = 0
        var held: String?
        /// Why it waits, where the system says so.
        var waitsFor: String?
        var end: JobEnd?
        /// When its end was seen.
        var endedAt: UInt64 = 0
        var node: String?
        var peak: UInt64?
    }

    let tag: String
    let folder: String
    let options: JobOptions
    /// Seconds since 1970-01-01 UTC.
    let time: Int64
    /// The command that submits it has ended; nil as long as it runs.
    var answeredAt: UInt64?
    var elements: [Int: Element]
    /// Where jobs are pilots; nil: each runs a slice of its own.
    var pool: SlicePool?

    /// Nothing more is expected of it.
    var isOver: Bool { elements.isEmpty && (pool?.isOver ?? true) }

    /// One job for each slice.
    static func elements(of slices: [[WaitingTasks.One]], since now: UInt64) -> [Int: Element] {
        Dictionary(
            uniqueKeysWithValues: slices.enumerated().map { ($0.offset, Element(members: members(of: $0.element), since: now)) })
    }

    /// Jobs that have no slices of their own.
    static func pilots(_ count: Int, since now: UInt64) -> [Int: Element] {
        Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, Element(members: [], since: now)) })
    }

    static func members(of slice: [WaitingTasks.One]) -> [Member] {
        slice.enumerated().map { Member(position: $0.offset, task: $0.element.task, request: $0.element.request) }
    }

    /// What to ask about it; nil where nothing is of interest.
    var question: AskedSubmission? {
        let open = elements.filter { $0.value.end == nil }
        if open.isEmpty { return nil }
        return AskedSubmission(
            tag: tag, elements: open.keys.sorted(), ids: open.compactMapValues(\.id), submitted: time, queue: options.queue)
    }

    func collected(_ index: Int) -> CollectedJob {
        CollectedJob(
            key: JobKey(tag, index), id: elements[index]?.id, log: JobArray.log(of: index, in: folder),
            result: JobArray.result(of: index, in: folder))
    }
}
