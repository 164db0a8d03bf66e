import MartletModel
import MartletPorts
import MartletSystem

/// What pilots leave while they run and when they end, and what becomes of slices that nobody finished.
extension RemoteJobs {
    /// One listing of each pool's folder, as often as the batch system is asked.
    func lookAtPools(_ now: UInt64) {
        guard submissions.hasPools else { return }
        if now >= piloting.nextLook {
            piloting.nextLook = now &+ polling.interval(now)
            for tag in submissions.pools { look(tag) }
            replacePilots(now)
        }
        for tag in submissions.pools {
            if submissions[tag]!.elements.isEmpty {
                settle(tag, now)
            } else if storm.cause != nil {
                takeBack(submissions[tag]!.pool!.unclaimed, of: tag, now)
            }
        }
    }

    /// Takes in what its pilots have left by now.
    func look(_ tag: String) {
        guard let folder = submissions[tag]?.folder else { return }
        do throws(SystemError) {
            let listing = try PoolListing(folder)
            _ = submissions.inPool(tag) { $0.take(listing) }
            for slice in submissions[tag]?.pool?.open ?? [] {
                if let pilot = listing.runners[slice] { collect(tag, folder, slice, pilot) }
            }
            for slice in submissions[tag]?.pool?.unnamed ?? [] {
                let holder = try SliceClaim.holder(of: slice, in: folder)
                // its maker may be about to write its name
                if holder != .nobody { _ = submissions.inPool(tag) { $0.name(holder, of: slice) } }
                // an earlier run took it back, and came no further
                if holder == .driver { giveBack(tag, slice) }
            }
        } catch {
            notes.add("what pilots have done cannot be looked at: \(error.description)")
        }
    }

    private func collect(_ tag: String, _ folder: String, _ slice: Int, _ pilot: Int) {
        let job = RemoteJobs.part(tag, folder, slice, pilot)
        let reports = JobReports(of: JobFile.result(job.result), in: segments, &notes), submission = submissions[tag]!
        // where it is known why processes were lost, the pilot's end says more than the task's
        let isExplained = submission.elements[pilot]?.end?.explainsLosses ?? false
        var left: [Int: (frame: OutcomeFrame, place: ReportPlace?)] = [:]
        for member in submission.pool!.members[slice] ?? [] {
            let one = reports.outcome(at: member.position, of: member.request.task)
            if let one, !(one.frame.kind == .workerLost && isExplained) { left[member.position] = one }
        }
        for member in submissions.inPool(tag, { $0.conclude(slice) { left[$0] != nil } }) ?? [] {
            conclude(member, left[member.position]!.frame, left[member.position]!.place, job, submission.options)
        }
    }

    /// A slice as if it were a job of its own.
    private static func part(_ tag: String, _ folder: String, _ slice: Int, _ pilot: Int) -> CollectedJob {
        CollectedJob(
            key: JobKey(tag, slice), id: nil, log: JobArray.log(of: pilot, in: folder),
            result: JobArray.result(of: slice, by: pilot, in: folder))
    }

    /// A pilot has ended, and its folder was looked at since.
    /// - Parameter isPatient: file systems may show late what it has written.
    /// - Returns: whether that is all of it.
    func endPilot(_ job: CollectedJob, _ element: Submission.Element, _ end: JobEnd, isPatient: Bool) -> Bool {
        let (tag, pilot) = (job.key.tag, job.key.index), left = submissions[tag]!.pool!.slices(of: pilot)
        if end == .succeeded && !left.isEmpty && isPatient { return false }
        closings.add(tag, LedgerEnd(pilot: pilot, how: end.text))
        _ = submissions.inPool(tag) { $0.end(pilot, element) }
        for slice in left { lose(tag, slice, pilot, element, end) }
        if left.isEmpty { endIdle(tag, pilot, element, end) }
        _ = submissions.drop(job.key)
        return true
    }

    /// No slice was lost with it.
    private func endIdle(_ tag: String, _ pilot: Int, _ element: Submission.Element, _ end: JobEnd) {
        if end == .succeeded { return trials.succeeded(on: element.node) }
        // it is the first to claim the slice of its own number: it came to nothing, and that slice counts as tried
        let submission = submissions[tag]!, holder: SliceClaim.Holder?
        do throws(SystemError) {
            guard submission.pool!.unclaimed.contains(pilot) else { return storm.failed(end.words) }
            holder = try SliceClaim.take(pilot, in: submission.folder)
        } catch {
            return notes.add("slices cannot be claimed: \(error.description)")
        }
        if holder == nil { lose(tag, pilot, pilot, element, end) }
    }

    /// The first task without an outcome was at work when its pilot ended; those behind it had not begun.
    private func lose(_ tag: String, _ slice: Int, _ pilot: Int, _ element: Submission.Element, _ end: JobEnd) {
        guard let submission = submissions[tag] else { return }
        let job = RemoteJobs.part(tag, submission.folder, slice, pilot)
        let members = submissions.inPool(tag) { $0.remove(slice) } ?? []
        if let first = members.first { lose(first, element, job, end, submission.options, clock.monotonic()) }
        for member in members.dropFirst() {
            close(job.key, member, how: "not begun")
            again(member)
        }
    }

    /// All pilots have ended: what none of them has claimed waits again.
    private func settle(_ tag: String, _ now: UInt64) {
        if now < piloting.nextSettlement { return }
        look(tag)
        guard let submission = submissions[tag], let pool = submission.pool else { return }
        do throws(SystemError) {
            for slice in pool.open {
                switch try SliceClaim.take(slice, in: submission.folder) ?? .driver {
                case .driver: giveBack(tag, slice)
                case .pilot(let pilot): loseLate(tag, slice, pilot, now)
                case .nobody: loseLate(tag, slice, nil, now)
                }
            }
        } catch {
            postpone("slices cannot be claimed: \(error.description)", now)
        }
    }

    /// It was claimed by a pilot that has ended, as was not seen then.
    /// - Parameter pilot: nil: nobody knows whose.
    private func loseLate(_ tag: String, _ slice: Int, _ pilot: Int?, _ now: UInt64) {
        let element = pilot.flatMap { submissions[tag]?.pool?.ended[$0] }
        if let element, element.end == .succeeded, now &- element.endedAt < polling.grace {
            piloting.nextSettlement = now &+ Piloting.pause
            return
        }
        let unknown = Submission.Element(members: [], since: now)
        lose(tag, slice, pilot ?? 0, element ?? unknown, element?.end ?? .unknown("lost: its pilot has left nothing"))
    }
}
