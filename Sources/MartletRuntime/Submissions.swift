import MartletModel
import MartletPorts

/// The submissions under way, and how answers of the batch system change what is known of their jobs.
struct Submissions {
    private(set) var byTag: [String: Submission] = [:]
    /// Jobs in them.
    private(set) var live = 0
    /// It is not known of some jobs whether they are there.
    private(set) var isUnsettled = false
    /// There may be some whose jobs are pilots.
    private(set) var hasPools = false

    var isEmpty: Bool { byTag.isEmpty }
    var count: Int { byTag.count }

    subscript(tag: String) -> Submission? { byTag[tag] }
    subscript(key: JobKey) -> Submission.Element? { byTag[key.tag]?.elements[key.index] }

    /// A list is taken in: is anything left that is to be found out soon?
    mutating func settle() {
        isUnsettled = byTag.values.contains { one in
            one.elements.values.contains { $0.end == nil && ($0.doubt != nil || $0.absences > 0) }
        }
    }

    /// What to ask about them.
    var questions: [AskedSubmission] { byTag.values.compactMap(\.question).sorted { $0.tag < $1.tag } }

    /// Jobs that are to be cancelled, if all are.
    var cancellable: [JobKey: JobID] {
        var jobs: [JobKey: JobID] = [:]
        for (tag, submission) in byTag {
            for (index, element) in submission.elements where element.end == nil { jobs[JobKey(tag, index)] = element.id }
        }
        return jobs
    }

    var tasks: [TaskIndex] {
        byTag.values.flatMap { one in
            one.elements.values.flatMap { $0.members.map(\.task) } + (one.pool?.members.values.flatMap { $0.map(\.task) } ?? [])
        }
    }

    /// Jobs that the system calls running, with the folders of their submissions.
    var running: [(job: JobKey, folder: String)] {
        byTag.values.flatMap { one in
            one.elements.filter { $0.value.progress == .running }.map { (JobKey(one.tag, $0.key), one.folder) }
        }
    }

    /// The command that submits some of them has not ended.
    var isAnyUnanswered: Bool { byTag.values.contains { $0.answeredAt == nil } }

    /// All jobs are known to be in the system, and none is seen to have ended.
    var isSettled: Bool {
        !isUnsettled && byTag.values.allSatisfy { one in
            one.elements.values.allSatisfy { $0.progress == .pending || $0.progress == .running }
        }
    }

    mutating func add(_ submission: Submission) {
        byTag[submission.tag] = submission
        live += submission.elements.count
        if submission.pool != nil { hasPools = true }
    }

    mutating func removeAll() { (byTag, live) = ([:], 0) }

    /// How many jobs are where.
    var loads: [String: QueueChoice.Load] {
        var loads: [String: QueueChoice.Load] = [:]
        for submission in byTag.values {
            guard let queue = submission.options.queue else { continue }
            for element in submission.elements.values {
                switch element.progress {
                case .unanswered, .pending: loads[queue, default: QueueChoice.Load()].pending += 1
                case .running: loads[queue, default: QueueChoice.Load()].running += 1
                case .ended: break
                }
            }
        }
        return loads
    }

    /// A job of which nothing more is expected.
    mutating func drop(_ key: JobKey) -> Submission.Element? {
        let element = byTag[key.tag]?.elements.removeValue(forKey: key.index)
        if element != nil { live -= 1 }
        forgetIfOver(key.tag)
        return element
    }

    private mutating func forgetIfOver(_ tag: String) { if byTag[tag]?.isOver == true { byTag[tag] = nil } }

    /// A task goes on with the job of an earlier driver.
    /// - Parameter wish: what its job would ask for if it were submitted now.
    mutating func join(
        _ one: WaitingTasks.One, _ place: EarlierJobs.Place, _ wish: JobOptions, folder: String, _ now: UInt64
    ) {
        let entry = place.submission.entry, key = JobKey(entry.tag, place.element)
        let member = Submission.Member(position: place.position, task: one.task, request: one.request)
        if byTag[key.tag] == nil {
            var options = wish
            // it is where it was sent, whatever is wanted by now
            options.queue = entry.queue ?? options.queue
            byTag[key.tag] = Submission(
                tag: key.tag, folder: folder, options: options, time: entry.time, answeredAt: now, elements: [:])
            if let pilots = entry.pilots { joinPilots(pilots, place.submission, now) }
        }
        if byTag[key.tag]!.pool != nil { return byTag[key.tag]!.pool!.join(member, slice: key.index) }
        if self[key] == nil {
            joinJob(key, place.submission, now)
            byTag[key.tag]!.elements[key.index]!.size = place.submission.tasks(of: key.index).count
        }
        byTag[key.tag]!.elements[key.index]!.members.append(member)
    }

    private mutating func joinJob(_ key: JobKey, _ submission: OpenSubmission, _ now: UInt64) {
        let id = submission.ids[key.index]
        byTag[key.tag]!.elements[key.index] = Submission.Element(
            members: [], id: id, doubt: id == nil ? "an earlier run ended while it was submitted" : nil, since: now)
        live += 1
        if id == nil { isUnsettled = true }
    }

    private mutating func joinPilots(_ count: Int, _ submission: OpenSubmission, _ now: UInt64) {
        let tag = submission.entry.tag
        hasPools = true
        byTag[tag]!.pool = SlicePool(count: submission.entry.elements.count, pilots: count)
        byTag[tag]!.pool!.wasAccepted = !submission.ids.isEmpty
        for index in 0..<count where !submission.endedPilots.contains(index) { joinJob(JobKey(tag, index), submission, now) }
    }

    // MARK: pools

    /// Tags of submissions whose jobs are pilots.
    var pools: [String] { byTag.values.filter { $0.pool != nil }.map(\.tag).sorted() }

    /// Pilots that may take tasks that ask for this; which nodes they avoid is of no matter.
    func pilots(for wish: WaitingTasks.Wish) -> Int {
        byTag.values.lazy.filter { $0.pool != nil && wish.isMet(by: $0.options, strictly: false) }.reduce(0) { sum, one in
            sum + one.elements.values.lazy.filter { $0.end == nil }.count
        }
    }

    /// Those of these submissions whose pilots live, and how many do; where there are such, those that avoid the same nodes.
    func livePools(for wish: WaitingTasks.Wish, of own: Set<String>) -> [(tag: String, pilots: Int)] {
        let pools = byTag.values.filter { one in
            one.pool != nil && own.contains(one.tag) && wish.isMet(by: one.options, strictly: false)
                && one.elements.values.contains { $0.end == nil }
        }
        let strict = pools.filter { wish.isMet(by: $0.options, strictly: true) }
        return (strict.isEmpty ? pools : strict).map { one in (one.tag, one.elements.values.count { $0.end == nil }) }
            .sorted { $0.tag < $1.tag }
    }

    /// Of the pilots that share what is left of a submission, those that have ended without being replaced, and the options of
    /// those that could replace them; nil where none has, or nothing is left that nobody has claimed.
    /// - Parameter most: more are not wanted for it.
    func gonePilots(of tag: String, most: Int) -> (gone: Int, sharing: Int, wish: WaitingTasks.Wish)? {
        guard let one = byTag[tag], let pool = one.pool, !one.elements.isEmpty, let slice = pool.unclaimed.first,
            let member = pool.members[slice]?.first
        else { return nil }
        let sharing = min(most, pool.pilots, pool.members.count)
        let gone = sharing - one.elements.values.count { $0.end == nil }
        var wish = WaitingTasks.Wish(options: one.options, queues: member.request.queues)
        if !wish.queues.isEmpty { wish.options.queue = nil }
        return gone > 0 ? (gone, sharing, wish) : nil
    }

    /// Pilots that have not begun, of these submissions, where nothing is left to be done.
    func idlePilots(of own: Set<String>) -> [JobKey: JobID] {
        var idle: [JobKey: JobID] = [:]
        for (tag, one) in byTag where own.contains(tag) && one.pool?.isOver == true {
            for (index, element) in one.elements where element.progress == .pending { idle[JobKey(tag, index)] = element.id }
        }
        return idle
    }

    /// Changes what is known of a pool; a submission of which nothing more is expected is forgotten.
    mutating func inPool<T>(_ tag: String, _ change: (inout SlicePool) -> T) -> T? {
        guard byTag[tag]?.pool != nil else { return nil }
        defer { forgetIfOver(tag) }
        return change(&byTag[tag]!.pool!)
    }

    // MARK: answers

    /// The answer to a submission.
    /// - Returns: by the element: new ids, and what the system has refused or never heard of.
    mutating func accept(
        _ tag: String, _ acceptances: [Acceptance], _ now: UInt64
    ) -> (ids: [Int: JobID], refused: [Int: String], unheard: [Int: String]) {
        byTag[tag]!.answeredAt = now
        var ids: [Int: JobID] = [:], refused: [Int: String] = [:], unheard: [Int: String] = [:]
        for (index, answer) in acceptances.enumerated() {
            guard var element = byTag[tag]!.elements[index] else { continue }
            element.since = now
            switch answer {
            case .accepted(let id):
                ids[index] = id
                element.id = id
                byTag[tag]!.pool?.wasAccepted = true
                if element.progress == .unanswered { element.progress = .pending }
            case .refused(let why): refused[index] = why
            case .unreachable(let why): unheard[index] = why
            case .uncertain(let why):
                element.doubt = why
                isUnsettled = true
            }
            byTag[tag]!.elements[index] = element
        }
        return (ids, refused, unheard)
    }

    /// What a list tells of a job that is new.
    struct Sighting: OptionSet {
        let rawValue: Int
        /// Its id was not known.
        static let found = Sighting(rawValue: 1)
        static let held = Sighting(rawValue: 2)
        static let ended = Sighting(rawValue: 4)
    }

    mutating func see(_ job: SeenJob, _ now: UInt64) -> Sighting {
        guard var element = self[job.key], element.end == nil else { return [] }
        // of two with one tag and index, which no system should have, the known one counts
        if let id = element.id, id != job.id, element.since == now { return [] }
        var sighting: Sighting = []
        if element.id != job.id && (element.id == nil || element.doubt != nil) { sighting.insert(.found) }
        (element.id, element.doubt, element.absences, element.since) = (job.id, nil, 0, now)
        element.node = job.node ?? element.node
        element.peak = job.peakMemory ?? element.peak
        switch job.state {
        case .pending(let why): (element.progress, element.waitsFor) = (.pending, why)
        case .running: element.progress = .running
        case .held(let why):
            element.held = why
            sighting.insert(.held)
        case .ended(let end):
            element.finish(element.held.map { .evicted("held: \($0)") } ?? end, now)
            element.progress = .ended
            sighting.insert(.ended)
        }
        byTag[job.key.tag]!.elements[job.key.index] = element
        byTag[job.key.tag]!.pool?.wasAccepted = true
        return sighting
    }

    /// Jobs that a complete list was without; of those whose submission was not answered when it was asked for it proves
    /// nothing.
    func missing(_ seen: Set<JobKey>, of asked: Set<String>, began: UInt64) -> [JobKey] {
        var missing: [JobKey] = []
        for tag in asked.sorted() {
            guard let submission = byTag[tag], let answered = submission.answeredAt, answered <= began else { continue }
            for (index, element) in submission.elements.sorted(by: { $0.key < $1.key })
            where element.end == nil && element.since <= began && !seen.contains(JobKey(tag, index)) {
                missing.append(JobKey(tag, index))
            }
        }
        return missing
    }

    /// - Returns: how often in succession complete lists were without it by now.
    mutating func miss(_ key: JobKey) -> Int {
        byTag[key.tag]!.elements[key.index]!.absences += 1
        return self[key]!.absences
    }

    mutating func finish(_ key: JobKey, _ end: JobEnd, _ now: UInt64) {
        byTag[key.tag]!.elements[key.index]!.finish(end, now)
    }
}

extension Submission.Element {
    fileprivate mutating func finish(_ end: JobEnd, _ now: UInt64) { (self.end, endedAt) = (end, now) }
}
