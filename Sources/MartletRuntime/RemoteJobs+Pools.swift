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
            for tag in submissions.pools { look(tag, now) }
            replacePilots(now)
        }
        for tag in submissions.pools {
            if submissions[tag]!.elements.isEmpty {
                settle(tag, now)
            } else {
                takeBack(recalledSlices(of: tag), of: tag, now)
            }
        }
    }

    /// Takes in what its pilots have left by now.
    func look(_ tag: String, _ now: UInt64) {
        guard let folder = submissions[tag]?.folder else { return }
        do throws(SystemError) {
            let listing = try list(folder)
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
        for (slice, pilot) in submissions[tag]?.pool?.leftBehind ?? [] { _ = loseLate(tag, slice, pilot, now) }
    }

    /// While a pilot lives only what its result says counts; and of a process that was lost its end may tell why.
    private func collect(_ tag: String, _ folder: String, _ slice: Int, _ pilot: Int) {
        guard let options = submissions[tag]?.options else { return }
        // an end that nobody knows explains nothing
        let end = submissions[JobKey(tag, pilot)].map(\.end) ?? submissions[tag]?.pool?.ended[pilot]?.end ?? .succeeded
        let job = RemoteJobs.part(tag, folder, slice, pilot)
        let reports = JobReports(of: JobFile.result(job.result), in: segments, &notes)
        var left: [Int: (frame: OutcomeFrame, place: ReportPlace?)] = [:]
        for member in submissions[tag]?.pool?.members[slice] ?? [] {
            left[member.position] = reports.outcome(at: member.position, of: member.request.task, end)
        }
        if left.isEmpty { return }
        known.saw(reports.latest)
        for member in submissions.inPool(tag, { $0.conclude(slice) { left[$0] != nil } }) ?? [] {
            conclude(member, left[member.position]!.frame, left[member.position]!.place, job, options)
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
        let (tag, pilot, folder) = (job.key.tag, job.key.index, submissions[job.key.tag]!.folder)
        // results that no listing shows yet are there by their names
        for slice in submissions[tag]!.pool!.slices(of: pilot) { collect(tag, folder, slice, pilot) }
        let left = submissions[tag]!.pool!.slices(of: pilot)
        if isPatient && left.contains(where: { isLate($0, pilot, end, folder) }) { return false }
        if isCancelling && end == .cancelled { cancelled += 1 }
        close(tag, LedgerEnd(pilot: pilot, how: end.text))
        _ = submissions.inPool(tag) { $0.end(pilot, element) }
        for slice in left { lose(tag, slice, pilot, element, end) }
        if left.isEmpty { endIdle(tag, pilot, element, end) }
        _ = submissions.drop(job.key)
        return true
    }

    /// Whether more may appear of a slice without an outcome whose pilot has ended.
    private func isLate(_ slice: Int, _ pilot: Int, _ end: JobEnd, _ folder: String) -> Bool {
        end == .succeeded || !JobFile.isThere(JobArray.result(of: slice, by: pilot, in: folder))
    }

    /// No slice was lost with it.
    private func endIdle(_ tag: String, _ pilot: Int, _ element: Submission.Element, _ end: JobEnd) {
        if end == .succeeded { return trials.succeeded(on: element.node) }
        // it is the first to claim the slice of its own number: it came to nothing, and that slice counts as tried
        let holder: SliceClaim.Holder?
        do throws(SystemError) {
            guard submissions[tag]!.pool!.isUnclaimed(pilot) else {
                if !end.isOnPurpose { failed(end.words) }
                return
            }
            holder = try SliceClaim.take(pilot, in: submissions[tag]!.folder)
        } catch {
            return notes.add("slices cannot be claimed: \(error.description)")
        }
        if holder == nil { lose(tag, pilot, pilot, element, end) }
    }

    /// A pilot has ended while it had the slice.
    private func lose(_ tag: String, _ slice: Int, _ pilot: Int, _ element: Submission.Element, _ end: JobEnd) {
        guard let (folder, options) = submissions[tag].map({ ($0.folder, $0.options) }) else { return }
        let job = RemoteJobs.part(tag, folder, slice, pilot)
        let members = submissions.inPool(tag) { $0.remove(slice) } ?? []
        let reports = JobReports(of: JobFile.result(job.result), in: segments, &notes)
        lose(members, reports, element, job, end, options, clock.monotonic())
    }

    /// All pilots have ended: what none of them has claimed waits again.
    private func settle(_ tag: String, _ now: UInt64) {
        if now < piloting.nextSettlement { return }
        look(tag, now)
        guard let folder = submissions[tag]?.folder, let open = submissions[tag]?.pool?.open else { return }
        do throws(SystemError) {
            var isSettled = true
            for slice in open.prefix(Piloting.mostClaims) {
                switch try SliceClaim.take(slice, in: folder) ?? .driver {
                case .driver: giveBack(tag, slice)
                case .pilot(let pilot): isSettled = loseLate(tag, slice, pilot, now) && isSettled
                case .nobody: isSettled = loseLate(tag, slice, nil, now) && isSettled
                }
            }
            if !isSettled { piloting.nextSettlement = now &+ Piloting.pause }
        } catch {
            postpone("slices cannot be claimed: \(error.description)", now)
        }
    }

    /// It was claimed by a pilot that has ended, as was not seen then.
    /// - Parameter pilot: nil: nobody knows whose.
    /// - Returns: false: what it has left may appear still.
    private func loseLate(_ tag: String, _ slice: Int, _ pilot: Int?, _ now: UInt64) -> Bool {
        guard let folder = submissions[tag]?.folder else { return true }
        let element = pilot.flatMap { submissions[tag]?.pool?.ended[$0] }
        if let pilot { collect(tag, folder, slice, pilot) }
        guard submissions[tag]?.pool?.members[slice] != nil else { return true }
        if let pilot, let element, let end = element.end, now &- element.endedAt < polling.grace,
            isLate(slice, pilot, end, folder)
        {
            return false
        }
        let unknown = Submission.Element(members: [], since: now)
        lose(tag, slice, pilot ?? 0, element ?? unknown, element?.end ?? .unknown("lost: its pilot has left nothing"))
        return true
    }
}
