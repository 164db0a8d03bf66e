import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem

/// Gives tasks of jobs that hang, are held, or have ended without doing their part other jobs, on request and without a run.
///
/// In the place of a run it claims the tasks, so that no run and no other command has to do with them meanwhile. The old job
/// leaves the batch system, or nothing is submitted. Then the ledger is told that it has nothing to do with these tasks any
/// more, and, on disk before anything is submitted, of the jobs that have: so at each moment at most one job of the ledger
/// may run a task, and whoever comes after a command that was killed goes on as after a run that was.
///
/// Not safe for use by two threads at once.
public final class JobResubmission {
    public struct Wish: Sendable {
        /// Only jobs that have ended, are held, or are unknown to their system; else those that wait and run, too.
        public var onlyFailed = false
        /// Nothing is cancelled, claimed or submitted: what would be is told.
        public var isTrial = false
        /// What the new jobs ask for in place of what the old ones did; lines of `extra` are added.
        public var changes = JobOptions()
        /// Seconds that jobs are given to leave their system.
        public var patience = 120.0
        public init() {}
    }

    /// A job of the ledger, and what it was made from.
    struct Candidate {
        var key: JobKey
        var submission: OpenSubmission
        var folder: String
        var array: ArrayFile
        var described: DescribedJobs
        /// Open places by slice: of its own, or of all that pilots share.
        var open: [Int: [Int]]
        /// By which runs claim the tasks at these places.
        var claims: Set<TaskDigest> = []
        var isPilot: Bool { submission.entry.pilots != nil }
    }

    let state: String
    let adapters: Adapters
    let wish: Wish
    let ledger: any SubmissionLedger
    let wait: (Double) -> Void
    /// Notes of what went wrong besides, for the user.
    public internal(set) var notes: [String] = []
    var fates: [ResubmittedJob] = []
    /// Tasks that have been given another job by now.
    var served: Set<String> = []

    /// - Parameters:
    ///   - state: the state directory, absolute.
    ///   - wait: lets so many seconds pass.
    public init(
        in state: String, _ adapters: Adapters, _ wish: Wish, wait: @escaping (Double) -> Void = BatchInquiry.sleep
    ) {
        (self.state, self.adapters, self.wish, self.wait) = (state, adapters, wish, wait)
        ledger = adapters.ledger(state, .object([]))
    }

    /// - Parameter keys: open jobs, as the ledger has them.
    /// - Returns: a fate for each, in their order.
    /// - Throws: when the ledger or the claims cannot be read or written.
    public func run(_ keys: [JobKey]) throws(Diagnostic) -> [ResubmittedJob] {
        fates = []
        let candidates = candidates(keys, try openSubmissions())
        let groups = Dictionary(grouping: candidates, by: \.array.leases.text).sorted { $0.key < $1.key }
        for (_, some) in groups { try run(some, LeaseOptions(of: some[0].array, state: state)) }
        let places = Dictionary(keys.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        return fates.sorted { places[$0.key] ?? 0 < places[$1.key] ?? 0 }
    }

    private func openSubmissions() throws(Diagnostic) -> [String: OpenSubmission] {
        Dictionary(try ledger.open().map { ($0.entry.tag, $0) }) { first, _ in first }
    }

    func folder(of tag: String) -> String { "\(state)/jobs/\(tag)" }

    func refuse(_ key: JobKey, _ why: String, hint: String) {
        fates.append(ResubmittedJob(key, .refused(why: why, hint: hint)))
    }

    // MARK: what there is

    private func candidates(_ keys: [JobKey], _ submissions: [String: OpenSubmission]) -> [Candidate] {
        var described: [String: DescribedJobs] = [:], arrays: [String: ArrayFile?] = [:], lacking: [String: String?] = [:]
        // pilots of a submission share its tasks
        var shared: [String: Set<TaskDigest>?] = [:]
        var found: [Candidate] = []
        for key in keys {
            guard let submission = submissions[key.tag], let open = submission.places(of: key) else {
                fates.append(ResubmittedJob(key, .complete))
                continue
            }
            let folder = folder(of: key.tag)
            do throws(SystemError) {
                let jobs = if let known = described[key.tag] { known } else { try DescribedJobs(in: folder) }
                described[key.tag] = jobs
                let array = arrays.value(of: key.tag) { ArrayFile(in: folder) }
                let claims = submission.entry.pilots == nil
                    ? jobs.claims(at: open) : shared.value(of: key.tag) { jobs.claims(at: open) }
                guard let array, let claims else {
                    refuse(key, "what it was made from was not kept, or only in part", hint: JobResubmission.byRun)
                    continue
                }
                if let lost = lacking.value(of: key.tag, { array.files.first { !JobFile.isThere($0) } }) {
                    refuse(key, "\(lost), which its jobs need, is gone", hint: JobResubmission.byRun)
                    continue
                }
                found.append(
                    Candidate(
                        key: key, submission: submission, folder: folder, array: array, described: jobs, open: open, claims: claims))
            } catch {
                refuse(key, "its description cannot be read: \(error.description)", hint: JobResubmission.byRun)
            }
        }
        return found
    }

    static let byRun = "run its task again: the run goes on with the job, and gives its tasks others where it must"

    // MARK: claims

    private func run(_ candidates: [Candidate], _ options: LeaseOptions) throws(Diagnostic) {
        let table = adapters.leases(options), digests = Array(candidates.reduce(into: Set()) { $0.formUnion($1.claims) })
        table?.observe()
        let held = wish.isTrial ? try look(at: digests, table) : try claim(digests, table)
        defer { table?.end(processesLeft: false) }
        var ours: [Candidate] = []
        for one in candidates {
            guard let holder = one.claims.lazy.compactMap({ held[$0] }).first else {
                ours.append(one)
                continue
            }
            let hint = "martlet jobs cancel \(one.key.text): the run hears of it, and tries the tasks again"
            refuse(one.key, "a run is at work on its tasks, \(holder.words)", hint: hint)
        }
        replace(try renewed(ours))
        if !wish.isTrial { try table?.release(done: [], undone: digests.filter { held[$0] == nil }) }
    }

    private func look(at digests: [TaskDigest], _ table: (any LeaseTable)?) throws(Diagnostic) -> [TaskDigest: LeaseHolder] {
        let standings = try table?.look(digests, now: adapters.clock.monotonic()) ?? []
        return Dictionary(uniqueKeysWithValues: zip(digests, standings).compactMap { digest, standing in
            if case .held(let holder) = standing { (digest, holder) } else { nil }
        })
    }

    private func claim(_ digests: [TaskDigest], _ table: (any LeaseTable)?) throws(Diagnostic) -> [TaskDigest: LeaseHolder] {
        guard let table else { return [:] }
        try table.join(now: adapters.clock.monotonic())
        try table.claim(digests, startingNow: digests.count, now: adapters.clock.monotonic())
        while true {
            guard let answers = try table.answers(now: adapters.clock.monotonic()) else {
                wait(0.05)
                continue
            }
            return Dictionary(uniqueKeysWithValues: zip(digests, answers).compactMap { digest, answer in
                if case .held(let holder) = answer { (digest, holder) } else { nil }
            })
        }
    }

    /// What the ledger has open of them now that nobody else touches them: another run may have been quicker.
    private func renewed(_ candidates: [Candidate]) throws(Diagnostic) -> [Candidate] {
        let submissions = try openSubmissions()
        return candidates.compactMap { one in
            guard let submission = submissions[one.key.tag], let open = submission.places(of: one.key) else {
                fates.append(ResubmittedJob(one.key, .complete))
                return nil
            }
            var one = one
            one.submission = submission
            // slices that have come since are not claimed
            one.open = open.filter { one.open[$0.key] != nil }
            return one
        }
    }

    // MARK: one job in the place of another

    private func replace(_ candidates: [Candidate]) {
        for (name, some) in Dictionary(grouping: candidates, by: \.submission.entry.system).sorted(by: { $0.key < $1.key }) {
            do throws(Diagnostic) {
                // jobs of this machine are looked at, and none is started
                let system = try adapters.batchSystem(name, state, 0)
                defer { system.close() }
                let inquiry = BatchInquiry(system, clock: adapters.clock, wait: wait)
                let removed = wish.isTrial ? survey(some, inquiry) : remove(some, inquiry)
                submit(losses(of: removed, inquiry), name)
            } catch {  // those of other systems have their fates
                for one in some { refuse(one.key, Wording.text(error).line, hint: JobResubmission.byRun) }
            }
        }
    }

    /// - Returns: those that are gone, and how they ended.
    private func remove(_ candidates: [Candidate], _ inquiry: BatchInquiry) -> [Removed] {
        var removal = JobRemoval(inquiry, spares: wish.onlyFailed)
        let fates = removal.run(JobResubmission.questions(candidates), seconds: wish.patience)
        return candidates.compactMap { one in
            switch fates[one.key] {
            case .gone(let end, let id, let since): return Removed(candidate: one, end: end, id: id, since: since)
            case .stays(let why): refuse(one.key, "it is not gone: \(why)", hint: "the same again, when its system has ended it")
            case nil: refuse(one.key, "its system does not say how it is", hint: JobResubmission.byRun)
            }
            return nil
        }
    }

    /// As if they were gone.
    private func survey(_ candidates: [Candidate], _ inquiry: BatchInquiry) -> [Removed] {
        guard case .listed(let listing) = inquiry.answer(to: .list(JobResubmission.questions(candidates))) else {
            for one in candidates { refuse(one.key, "its system does not say how it is", hint: JobResubmission.byRun) }
            return []
        }
        let seen = Dictionary(listing.jobs.map { ($0.key, $0) }) { $1 }
        return candidates.map { one in
            var end = JobEnd.cancelled
            if case .ended(let ended)? = seen[one.key]?.state { end = ended }
            return Removed(candidate: one, end: end, id: seen[one.key]?.id, since: 0)
        }
    }

    private static func questions(_ candidates: [Candidate]) -> [AskedSubmission] {
        Dictionary(grouping: candidates, by: \.key.tag).sorted { $0.key < $1.key }.map { tag, some in
            let submission = some[0].submission
            return AskedSubmission(
                tag: tag, elements: some.map(\.key.index).sorted(), ids: submission.ids, submitted: submission.entry.time,
                queue: submission.entry.queue)
        }
    }
}

extension Dictionary {
    /// What is found out of a key once.
    fileprivate mutating func value<Found>(of key: Key, _ find: () -> Found?) -> Found? where Value == Found? {
        if let known = self[key] { return known }
        let found = find()
        self[key] = .some(found)
        return found
    }
}

extension OpenSubmission {
    /// Open places, by slice, of a job or, of a pilot, of all that share its submission; nil where the job is over.
    fileprivate func places(of job: JobKey) -> [Int: [Int]]? {
        if let count = entry.pilots {
            return job.index < count && !endedPilots.contains(job.index) ? open : nil
        }
        return open[job.index].map { [job.index: $0] }
    }
}

extension DescribedJobs {
    /// nil where one of them is not described, or not how it is claimed.
    fileprivate func claims(at places: [Int: [Int]]) -> Set<TaskDigest>? {
        var found: Set<TaskDigest> = []
        for (slice, positions) in places {
            for position in positions {
                guard let claims = claims(position, of: slice), !claims.isEmpty else { return nil }
                found.formUnion(claims)
            }
        }
        return found
    }
}

extension LeaseOptions {
    /// As the run had it that submitted the jobs; one that claimed nothing may be followed by one that does.
    fileprivate init(of array: ArrayFile, state: String) {
        let kind = array.leases["kind"]?.string.flatMap(Kind.init) ?? .auto
        self.init(kind: kind, state: state, timeout: array.leases["timeout"]?.double ?? 60)
    }
}
