import MartletModel
import MartletPorts

/// Simulated sites behind one batch system. An array goes to one of them; lists are what all of them say together.
///
/// Time is the caller's: what happens until `now` happens when somebody asks, or when `advance(to:)` is called. Drivers come
/// and go, each with a `Desk` of its own; jobs stay.
public final class Sites {
    struct Job {
        let site: Int
        let id: JobID
        let submitted: Double
        var state = SeenState.pending(nil)
        var ended = Double.infinity
    }

    private struct Ending {
        var key: JobKey
        var end: JobEnd
    }

    /// One driver's way to the sites: what was not read when it is given up is lost with it.
    public final class Desk: BatchSystem {
        public let habits: BatchHabits
        public var descriptors: [Int32] { [] }
        private let sites: Sites
        private var told: [(due: UInt64, answer: BatchAnswer)] = []

        init(_ sites: Sites, _ habits: BatchHabits) {
            self.sites = sites
            self.habits = habits
        }

        public func ask(_ question: BatchQuestion, now: UInt64) {
            let (answer, delay) = sites.answer(question, Double(now) / 1e9)
            told.append((now + UInt64(delay * 1e9), answer))
        }

        public func answers(now: UInt64) -> [BatchAnswer] {
            let ready = told.filter { $0.due <= now }.map(\.answer)
            told.removeAll { $0.due <= now }
            return ready
        }

        public func close() { told = [] }
    }

    public let sites: [Site]
    private(set) var jobs: [JobKey: Job] = [:]
    private var folders: [String: String] = [:]
    /// By site: jobs that wait, in order, from `head` on.
    private var queues: [(keys: [JobKey], head: Int)]
    private var busy: [Int]
    private var usedIDs: [[JobID]]
    /// Which jobs are to end, by the second in which they do.
    private var calendar: [Int: [Ending]] = [:]
    private var second = 0
    private var random: SeededRandom
    private var next = 0

    /// Called when a job has done what it was to do: it leaves its result.
    public var onSuccess: (_ key: JobKey, _ folder: String) -> Void = { _, _ in }
    /// What was asked of the sites, and what became of jobs.
    public private(set) var counts = Counts()

    public struct Counts: Sendable {
        public var submissions = 0
        public var lists = 0
        public var jobs = 0
        public var succeeded = 0
        public var failed = 0
        public var cancelled = 0
    }

    public init(_ sites: [Site], seed: UInt64) {
        self.sites = sites
        random = SeededRandom(seed: seed)
        queues = sites.map { _ in ([], 0) }
        busy = sites.map { _ in 0 }
        usedIDs = sites.map { _ in [] }
    }

    /// - Parameter grace: seconds for which lists may lag.
    public func desk(pollInterval: Double, grace: Double, mostElements: Int = 1000) -> Desk {
        Desk(self, BatchHabits(pollInterval: pollInterval, grace: grace, mostElements: mostElements))
    }

    // MARK: time

    /// Lets everything happen until then.
    public func advance(to seconds: Double) {
        while Double(second) < seconds {
            second += 1
            for ending in calendar.removeValue(forKey: second) ?? [] {
                // unless it was cancelled
                guard let job = jobs[ending.key], job.state == .running else { continue }
                busy[job.site] -= 1
                conclude(ending.key, ending.end)
                startMore(at: job.site)
            }
        }
    }

    private func conclude(_ key: JobKey, _ end: JobEnd) {
        jobs[key]!.state = .ended(end)
        jobs[key]!.ended = Double(second)
        let site = jobs[key]!.site
        if sites[site].reusesIDs { usedIDs[site].append(jobs[key]!.id) }
        switch end {
        case .succeeded:
            counts.succeeded += 1
            onSuccess(key, folders[key.tag]!)
        case .cancelled: counts.cancelled += 1
        default: counts.failed += 1
        }
    }

    private func startMore(at site: Int) {
        while busy[site] < sites[site].slots, queues[site].head < queues[site].keys.count {
            let key = queues[site].keys[queues[site].head]
            queues[site].head += 1
            guard let job = jobs[key], case .pending = job.state else { continue }
            start(key, at: site)
        }
    }

    private func start(_ key: JobKey, at site: Int) {
        let place = sites[site]
        if random.chance(place.holds) {
            jobs[key]!.state = .held("the proxy has expired")
            return
        }
        busy[site] += 1
        jobs[key]!.state = .running
        let duration = Double.random(in: place.duration, using: &random)
        if random.chance(place.brokenNodes) {
            plan(key, .nodeFailure("no scratch space"), after: 1)
        } else if random.chance(place.evictions) {
            plan(key, .evicted("preempted"), after: duration / 2)
        } else {
            plan(key, .succeeded, after: duration)
        }
    }

    private func plan(_ key: JobKey, _ end: JobEnd, after seconds: Double) {
        calendar[second + max(1, Int(seconds)), default: []].append(Ending(key: key, end: end))
    }

    // MARK: questions

    private func answer(_ question: BatchQuestion, _ now: Double) -> (BatchAnswer, delay: Double) {
        advance(to: now)
        switch question {
        case .submit(let array): return (.submitted(tag: array.tag, accept(array)), Double.random(in: 1...20, using: &random))
        case .list(let asked): return (.listed(list(asked)), Double.random(in: 1...10, using: &random))
        case .collect(let wanted): return (.collected(wanted, missing: [:]), 0)
        case .cancel(let wanted): return (.cancelled(Array(wanted.keys), refusal: cancel(wanted)), 1)
        case .show: return (.shown([:], missing: [:]), 0)
        case .discard(let jobs): return (.discarded(Array(jobs.keys), refusal: nil), 0)
        }
    }

    /// The site of that name if it answers; of those that do, without a name, the one with the fewest jobs for each of its slots.
    private func site(named name: String?) -> Int? {
        if let name { return sites.firstIndex { $0.name == name && !$0.isAway(at: Double(second)) } }
        func load(_ i: Int) -> Double { Double(busy[i] + queues[i].keys.count - queues[i].head) / Double(sites[i].slots) }
        return sites.indices.filter { !sites[$0].isAway(at: Double(second)) }.min { load($0) < load($1) }
    }

    private func accept(_ array: JobArray) -> [Acceptance] {
        counts.submissions += 1
        guard let site = site(named: array.options.queue) else {
            return (0..<array.count).map { _ in .unreachable("no site answers") }
        }
        let place = sites[site]
        if random.chance(place.losesSubmissions) { return (0..<array.count).map { _ in .uncertain("timed out") } }
        folders[array.tag] = array.folder
        let isLost = random.chance(place.losesAnswers)
        let answers = (0..<array.count).map { index -> Acceptance in
            let key = JobKey(array.tag, index), id = newID(at: site)
            jobs[key] = Job(site: site, id: id, submitted: Double(second))
            queues[site].keys.append(key)
            counts.jobs += 1
            return isLost ? .uncertain("timed out") : .accepted(id)
        }
        startMore(at: site)
        return answers
    }

    private func newID(at site: Int) -> JobID {
        if let used = usedIDs[site].popLast() { return used }
        next += 1
        return JobID("\(sites[site].name)-\(next)")
    }

    private func list(_ asked: [AskedSubmission]) -> BatchListing {
        counts.lists += 1
        let now = Double(second)
        let away = sites.map { $0.isAway(at: now) }
        let broken = sites.map { random.chance($0.breaksOff) }
        var gap: String?
        var mute: Set<String> = []
        for (i, site) in sites.enumerated() where away[i] || broken[i] {
            gap = away[i] ? "\(site.name) does not answer" : "the answer of \(site.name) broke off"
            mute.insert(site.name)
        }
        let unheard = asked.contains { $0.queue == nil } ? [] : Set(asked.filter { mute.contains($0.queue!) }.map(\.tag))
        var seen: [SeenJob] = []
        for submission in asked {
            for element in submission.elements {
                let key = JobKey(submission.tag, element)
                guard let job = jobs[key], !away[job.site], !(broken[job.site] && element % 2 == 1) else { continue }
                let site = sites[job.site]
                if now - job.submitted < site.lag || now - job.ended > site.memory { continue }
                seen.append(SeenJob(key, job.id, job.state, node: "\(site.name)-\(element % 20)"))
            }
        }
        return BatchListing(jobs: seen, gap: gap, unheard: unheard)
    }

    private func cancel(_ wanted: [JobKey: JobID]) -> String? {
        for (key, id) in wanted {
            guard let job = jobs[key], job.id == id else { continue }
            switch job.state {
            case .ended: continue
            case .running:
                busy[job.site] -= 1
                conclude(key, .cancelled)
                startMore(at: job.site)
            default: conclude(key, .cancelled)
            }
        }
        return nil
    }
}
