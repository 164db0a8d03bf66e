import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem

/// What jobs that are gone have left undone.
extension JobResubmission {
    struct Removed {
        var candidate: Candidate
        var end: JobEnd
        var id: JobID?
        /// When it was known to be gone, on the monotonic clock.
        var since: UInt64
        var key: JobKey { candidate.key }
    }

    /// A job, and the places of the tasks that are to have another.
    struct Lost {
        var job: Removed
        /// By slice.
        var places: [Int: [Int]]
    }

    /// Seconds between two looks for results.
    private static let pause = 1.0

    func losses(of removed: [Removed], _ inquiry: BatchInquiry) -> [Lost] {
        var notes = JobNotes(system: removed.first?.candidate.submission.entry.system ?? "")
        defer { self.notes += notes.take() }
        let jobs = removed.filter { !$0.candidate.isPilot }
        collect(jobs, inquiry, &notes)
        var lost = jobs.map { job in
            let (index, folder) = (job.key.index, job.candidate.folder)
            let open = job.candidate.open[index] ?? []
            let path = JobArray.result(of: index, in: folder)
            let left = settled(job.end, since: job.since, inquiry) { undone(open, path, index, job, &notes) }
            return Lost(job: job, places: left.isEmpty ? [:] : [index: left])
        }
        let pilots = Dictionary(grouping: removed.filter(\.candidate.isPilot), by: \.key.tag)
        for (_, some) in pilots.sorted(by: { $0.key < $1.key }) { lost += poolLosses(some, inquiry, &notes) }
        return lost
    }

    /// Has results be where this machine sees them. What cannot be had for as long as systems may be late never comes.
    private func collect(_ jobs: [Removed], _ inquiry: BatchInquiry, _ notes: inout JobNotes) {
        var rest = jobs.map {
            CollectedJob(
                key: $0.key, id: $0.id, log: JobArray.log(of: $0.key.index, in: $0.candidate.folder),
                result: JobArray.result(of: $0.key.index, in: $0.candidate.folder))
        }
        let begin = adapters.clock.monotonic()
        while !rest.isEmpty {
            guard case .collected(_, let missing) = inquiry.answer(to: .collect(rest)) else { return }
            rest = rest.filter { missing[$0.key] != nil }
            guard let why = missing.values.first else { return }
            if wish.isTrial || isOver(begin, inquiry) { return notes.add("results are not to be had: \(why)") }
            inquiry.wait(JobResubmission.pause)
        }
    }

    private func isOver(_ since: UInt64, _ inquiry: BatchInquiry) -> Bool {
        adapters.clock.monotonic() &- since >= UInt64(inquiry.system.habits.grace * 1e9)
    }

    /// File systems show late what a job has written that ended well.
    private func settled(_ end: JobEnd, since: UInt64, _ inquiry: BatchInquiry, _ undone: () -> [Int]) -> [Int] {
        while true {
            let left = undone()
            if left.isEmpty || end != .succeeded || wish.isTrial || isOver(since, inquiry) { return left }
            inquiry.wait(JobResubmission.pause)
        }
    }

    /// Those of some places of a slice whose tasks are not done, as far as the result, or the job's reports, say.
    private func undone(_ open: [Int], _ result: String, _ slice: Int, _ job: Removed, _ notes: inout JobNotes) -> [Int] {
        let reports = JobReports(of: JobFile.result(result), in: adapters.segments(state), &notes)
        let tasks = job.candidate.submission.entry.slices.elements[slice]
        return open.filter { reports.outcome(at: $0, of: tasks[$0], job.end)?.frame.kind != .done }
    }

    // MARK: pilots

    /// Of a slice that a pilot had: one that is gone is given time to be seen to have left something.
    private func undone(
        _ open: [Int], _ pilot: Int, _ slice: Int, _ job: Removed, _ inquiry: BatchInquiry, _ notes: inout JobNotes
    ) -> [Int] {
        let path = JobArray.result(of: slice, by: pilot, in: job.candidate.folder)
        let isLate = job.key.index == pilot && !JobFile.isThere(path)
        return settled(isLate ? .succeeded : job.end, since: job.since, inquiry) { undone(open, path, slice, job, &notes) }
    }

    /// Of pilots of one submission that are gone: slices that they had, and a part of those that nobody has as large as
    /// theirs among the pilots.
    private func poolLosses(_ gone: [Removed], _ inquiry: BatchInquiry, _ notes: inout JobNotes) -> [Lost] {
        let one = gone[0].candidate, entry = one.submission.entry
        let named = Dictionary(gone.enumerated().map { ($0.element.key.index, $0.offset) }) { first, _ in first }
        let ended = one.submission.endedPilots
        let living = (0..<(entry.pilots ?? 0)).count { named[$0] == nil && !ended.contains($0) }
        var lost = gone.map { Lost(job: $0, places: [:]) }, free: [Int] = []
        func leave(_ slice: Int, _ pilot: Int?, to place: Int) {
            let open = one.open[slice] ?? []
            let left = pilot.map { undone(open, $0, slice, gone[place], inquiry, &notes) } ?? open
            if !left.isEmpty { lost[place].places[slice] = left }
        }
        do throws(SystemError) {
            let holders = try SliceHolders(of: one.open.keys.sorted(), in: one.folder)
            for slice in one.open.keys.sorted() {
                guard let pilot = holders[slice], !ended.contains(pilot) else {
                    free.append(slice)
                    continue
                }
                if let place = named[pilot] { leave(slice, pilot, to: place) }
            }
            for (turn, slice) in free.prefix(free.count * gone.count / (gone.count + living)).enumerated() {
                switch wish.isTrial ? nil : try SliceClaim.take(slice, in: one.folder) {
                case nil, .driver: leave(slice, nil, to: turn % gone.count)
                case .pilot(let pilot) where named[pilot] != nil || ended.contains(pilot):
                    leave(slice, pilot, to: named[pilot] ?? turn % gone.count)
                case .pilot, .nobody: break
                }
            }
        } catch {
            notes.add("slices cannot be looked at: \(error.description)")
        }
        return lost
    }
}
