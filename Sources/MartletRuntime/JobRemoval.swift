import MartletModel
import MartletPorts
import MartletSystem

/// Has jobs leave their batch system, and waits until it says that they have. What it says by being silent counts as in a run:
/// complete lists were without a job for longer than they may lag.
struct JobRemoval {
    enum Fate: Equatable {
        /// Nothing of it runs any more; since when that is known, on the monotonic clock.
        case gone(JobEnd, id: JobID?, since: UInt64)
        /// It may run; why, in words.
        case stays(String)
    }

    private struct Leaving {
        var id: JobID?
        /// When it was seen last.
        var since: UInt64
        var absences = 0
        var cancelled: UInt64?
        /// The last list had it.
        var isThere = false
    }

    /// Seconds after which a job that is still there is cancelled once more.
    private static let again = 15.0

    private let inquiry: BatchInquiry
    private let rules: JobPolling
    /// Jobs that wait or run are left alone: only those are wanted that will not go on by themselves.
    private let spares: Bool
    private var leaving: [JobKey: Leaving] = [:]
    private var fates: [JobKey: Fate] = [:]
    /// What went wrong last.
    private var trouble: String?

    init(_ inquiry: BatchInquiry, spares: Bool) {
        self.inquiry = inquiry
        self.spares = spares
        rules = JobPolling(inquiry.system.habits, chosen: nil)
    }

    /// - Parameter seconds: how long it may take.
    /// - Returns: a fate for each element that is asked about.
    mutating func run(_ asked: [AskedSubmission], seconds: Double) -> [JobKey: Fate] {
        let begin = inquiry.clock.monotonic(), grace = inquiry.system.habits.grace
        for one in asked {
            for index in one.elements { leaving[JobKey(one.tag, index)] = Leaving(id: one.ids[index], since: begin) }
        }
        while true {
            look(asked)
            cancel()
            if leaving.isEmpty || inquiry.clock.monotonic() &- begin >= UInt64(saturating: seconds * 1e9) { break }
            inquiry.wait(grace > 0 ? 2 : 0.2)
        }
        for key in leaving.keys { fates[key] = .stays(trouble ?? "the batch system has it still") }
        return fates
    }

    private mutating func look(_ asked: [AskedSubmission]) {
        let open = asked.compactMap { one -> AskedSubmission? in
            var rest = one
            rest.elements = one.elements.filter { leaving[JobKey(one.tag, $0)] != nil }
            return rest.elements.isEmpty ? nil : rest
        }
        FailPoint.jobsPoll.pass()
        let began = inquiry.clock.monotonic()
        guard case .listed(let listing) = inquiry.answer(to: .list(open)) else { return }
        for key in leaving.keys { leaving[key]!.isThere = false }
        for job in listing.jobs { see(job, began) }
        if let gap = listing.gap {
            trouble = "\(gap)"
            if listing.unheard.isEmpty { return }
        }
        for (key, one) in leaving where !one.isThere && !listing.unheard.contains(key.tag) { miss(key) }
    }

    private mutating func see(_ job: SeenJob, _ now: UInt64) {
        guard var one = leaving[job.key] else { return }
        switch job.state {
        case .ended(let end): return settle(job.key, .gone(end, id: job.id, since: now))
        case .pending where spares, .running where spares: return settle(job.key, .stays("it has not ended"))
        default: break
        }
        (one.id, one.since, one.absences, one.isThere) = (job.id, now, 0, true)
        leaving[job.key] = one
    }

    private mutating func miss(_ key: JobKey) {
        leaving[key]!.absences += 1
        let one = leaving[key]!, now = inquiry.clock.monotonic()
        guard one.absences >= rules.patience, now &- one.since >= rules.grace else { return }
        let end = one.cancelled == nil ? JobEnd.unknown("forgotten: nothing is known of it") : .cancelled
        settle(key, .gone(end, id: one.id, since: now))
    }

    private mutating func settle(_ key: JobKey, _ fate: Fate) {
        fates[key] = fate
        leaving[key] = nil
    }

    private mutating func cancel() {
        let now = inquiry.clock.monotonic()
        var ids: [JobKey: JobID] = [:]
        for (key, one) in leaving where one.isThere {
            if let last = one.cancelled, now &- last < UInt64(JobRemoval.again * 1e9) { continue }
            ids[key] = one.id
        }
        if ids.isEmpty { return }
        guard case .cancelled(_, let refusal) = inquiry.answer(to: .cancel(ids)) else { return }
        for key in ids.keys { leaving[key]!.cancelled = now }
        trouble = refusal.map { "it could not be cancelled: \($0)" }
    }
}
