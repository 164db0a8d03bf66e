import MartletModel
import MartletPorts

/// The tasks of a run by what has become of their jobs, a row a queue: what a display is told.
///
/// What has ended is counted as it ends; what is under way is counted anew once a second at the most, whoever asks how often.
struct JobTally {
    /// Tasks of one queue.
    struct Row: Equatable {
        /// Not submitted yet.
        var waiting = 0
        /// The system has not answered, or it is not known what.
        var submitting = 0
        var pending = 0
        /// At work, or ended and not collected.
        var running = 0
        /// Ended in this run: well, by their own code, without a word.
        var done = 0, failed = 0, lost = 0
    }

    /// Nanoseconds between two counts.
    private static let pause: UInt64 = 1_000_000_000

    private var ended: [String: Row] = [:]
    private var underWay: [String: Row] = [:]
    private var countedAt: UInt64?
    /// Of the reasons for which jobs wait, other than that others come first: the one that most jobs wait for.
    private(set) var waitsFor: (reason: String, jobs: Int)?
    private let usualReasons: Set<String>

    /// - Parameter usualReasons: see `BatchHabits`.
    init(usualReasons: Set<String>) { self.usualReasons = usualReasons }

    /// Tasks that were found in jobs of earlier drivers.
    var adopted = 0
    /// Of those that are done: those that were so before this run began, as their jobs say.
    var doneBefore = 0

    /// By queue, as `JobOptions.queue`; "" where a job asks for none, "a or b" where it may go to several.
    var rows: [String: Row] {
        ended.merging(underWay) { over, now in
            Row(
                waiting: now.waiting, submitting: now.submitting, pending: now.pending, running: now.running, done: over.done,
                failed: over.failed, lost: over.lost)
        }
    }

    mutating func ended(_ options: JobOptions, _ tasks: Int, _ how: WritableKeyPath<Row, Int>) {
        ended[options.queue ?? "", default: Row()][keyPath: how] += tasks
    }

    /// Counts what is under way, if that is due.
    mutating func count(waiting: [WaitingTasks.One], submissions: [String: Submission], now: UInt64) {
        if let countedAt, now < countedAt + JobTally.pause { return }
        countedAt = now
        underWay = [:]
        waitsFor = nil
        var reasons: [String: Int] = [:]
        for one in waiting {
            let queue = one.request.options.queue ?? one.request.queues.joined(separator: " or ")
            underWay[queue, default: Row()].waiting += one.request.followers.count + 1
        }
        for submission in submissions.values {
            let queue = submission.options.queue ?? ""
            for element in submission.elements.values {
                underWay[queue, default: Row()][keyPath: JobTally.state(of: element)] += JobTally.tasks(element.members)
                if element.progress == .pending, let why = element.waitsFor, !usualReasons.contains(why) {
                    reasons[why, default: 0] += 1
                }
            }
            guard let pool = submission.pool else { continue }
            let unclaimed = Set(pool.unclaimed)
            for (slice, members) in pool.members {
                if unclaimed.contains(slice) {
                    underWay[queue, default: Row()].pending += JobTally.tasks(members)
                } else {
                    underWay[queue, default: Row()].running += JobTally.tasks(members)
                }
            }
        }
        waitsFor = reasons.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { ($0.key, $0.value) }
    }

    private static func tasks(_ members: [Submission.Member]) -> Int { members.reduce(0) { $0 + $1.count } }

    private static func state(of element: Submission.Element) -> WritableKeyPath<Row, Int> {
        switch element.progress {
        // the jobs of earlier drivers, until a list tells of them
        case .unanswered: return element.id == nil ? \.submitting : \.pending
        case .pending: return \.pending
        case .running, .ended: return \.running
        }
    }
}
