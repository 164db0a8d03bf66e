import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// When pools are looked at next, and whether anything can have changed for those that wait for pilots.
struct Piloting {
    /// Nanoseconds after which what could not be done is tried again.
    static let pause: UInt64 = 1_000_000_000
    /// Slices that are taken out of the pilots' reach in a turn: each is a file, perhaps on another machine.
    static let mostClaims = 500

    var nextLook: UInt64 = 0
    var nextSettlement: UInt64 = 0
    /// Tasks that waited, and jobs that there were, when nothing could be done for them, and until when that is so at least
    /// as long as both are the same.
    var stuck: (waiting: Int, live: Int, until: UInt64)?
}

/// What waits is given to pilots, so that there are never more than the user wants.
extension RemoteJobs {
    /// - Parameter most: pilots for tasks that ask for the same.
    func submit(pilots most: Int, _ now: UInt64) throws(Diagnostic) {
        if let (count, live, until) = piloting.stuck, count == waiting.count && live == submissions.live && now < until { return }
        piloting.stuck = nil
        try extendPools { newPilots(most, for: $0) }
        try addPilots(most, now)
        // where none could be added
        try extendPools { _ in 0 }
        if waiting.isReady { piloting.stuck = (waiting.count, submissions.live, now &+ Piloting.pause) }
    }

    /// Pilots that run are told of more slices: of as large a part as they are of those that there will be. Those of earlier
    /// runs are not, since several runs may have adopted them.
    /// - Parameter added: how many may be added for tasks that ask for this.
    private func extendPools(_ added: (WaitingTasks.Wish) -> Int) throws(Diagnostic) {
        var taken: Set<Int> = []
        // those that pilots were told of wait no more, whatever becomes of the others
        defer { if !taken.isEmpty { waiting.remove(taken) } }
        for (wish, places) in groups() {
            let pools = submissions.livePools(for: wish, of: earlier.own), size = settings.tasksPerJob
            if pools.isEmpty { continue }
            let slices = waiting.slices(places, of: size)
            let all = pools.reduce(max(0, min(added(wish), slices.count))) { $0 + $1.pilots }
            var before = 0
            for (tag, pilots) in pools {
                let part = slices.count * before / all..<slices.count * (before + pilots) / all
                before += pilots
                if part.isEmpty { continue }
                try extend(tag, Array(slices[part]))
                taken.formUnion(places[part.lowerBound * size..<min(part.upperBound * size, places.count)])
            }
        }
    }

    private func extend(_ tag: String, _ slices: [[WaitingTasks.One]]) throws(Diagnostic) {
        let first = submissions[tag]!.pool!.count
        try ledger.extend(tag: tag, from: first, WaitingTasks.ledgered(slices, trials))
        FailPoint.jobsExtend.pass()
        _ = submissions.inPool(tag) { $0.add(slices) }
        do throws(SystemError) {
            try JobFile.add(slices, from: first, in: submissions[tag]!.folder, after: moment())
        } catch {
            // no pilot hears of them: they come back when all pilots have ended
            notes.add("pilots cannot be told of more tasks: \(error.description)")
        }
    }

    private func addPilots(_ most: Int, _ now: UInt64) throws(Diagnostic) {
        var arrays: [WaitingTasks.NewArray] = [], taken: Set<Int> = [], room = room
        for (wish, places) in groups() {
            let slices = waiting.slices(places, of: settings.tasksPerJob)
            let pilots = min(newPilots(most, for: wish), room, slices.count)
            let shares = pilots > 0 ? shares(of: pilots, for: wish, now) : []
            if shares.isEmpty { continue }
            room -= shares.reduce(0) { $0 + $1.pilots }
            taken.formUnion(places)
            arrays += share(slices, among: shares, wish.options)
        }
        try submit(arrays, taken, now)
    }

    /// How many pilots each array has, and in which queue: one array, unless there are several queues or the system allows no
    /// such large one.
    private func shares(of pilots: Int, for wish: WaitingTasks.Wish, _ now: UInt64) -> [(queue: String?, pilots: Int)] {
        var shares: [(queue: String?, pilots: Int)] = [(wish.options.queue, pilots)]
        if wish.queues.isEmpty {
            if choice.rests(wish.options.queue ?? "", now: now) { return [] }
        } else {
            shares = choice.shares(of: pilots, among: wish.queues, now: now) { submissions.loads }.map { ($0.queue, $0.jobs) }
        }
        let most = system.habits.mostElements
        return shares.flatMap { queue, pilots in
            stride(from: 0, to: pilots, by: most).map { (queue, min(most, pilots - $0)) }
        }
    }

    /// Each array has as large a part of the slices as of the pilots, of which there are no more than slices.
    private func share(
        _ slices: [[WaitingTasks.One]], among shares: [(queue: String?, pilots: Int)], _ options: JobOptions
    ) -> [WaitingTasks.NewArray] {
        let all = shares.reduce(0) { $0 + $1.pilots }
        var before = 0
        return shares.map { queue, pilots in
            let begin = slices.count * before / all
            before += pilots
            var options = options
            options.queue = queue
            let own = Array(slices[begin..<slices.count * before / all])
            return WaitingTasks.NewArray(tag: newTag(), options: options, slices: own, pilots: min(pilots, own.count))
        }
    }

    private func groups() -> [(wish: WaitingTasks.Wish, places: [Int])] {
        waiting.groups { trials.wish(of: $0.request) }
    }

    /// How many may be added for tasks that ask for this.
    private func newPilots(_ most: Int, for wish: WaitingTasks.Wish) -> Int {
        min(most - submissions.pilots(for: wish), room)
    }

    /// Where pilots have gone before their work was done, as they do when their time nears its end, others get a part of it
    /// that nobody has claimed.
    func replacePilots(_ now: UInt64) {
        guard let most = settings.pilots, waiting.isEmpty, !isCancelling else { return }
        for tag in submissions.pools {
            guard let (gone, sharing, wish) = submissions.gonePilots(of: tag, most: most) else { continue }
            let new = min(gone, newPilots(most, for: wish))
            let slices = new > 0 ? submissions[tag]?.pool?.unclaimed ?? [] : []
            let part = slices.suffix(slices.count * new / sharing)
            if part.isEmpty { continue }
            let taken = takeBack(part, of: tag, now)
            // where there were more, others follow when those that replace them have done these
            if taken > 0 && part.count <= Piloting.mostClaims { _ = submissions.inPool(tag) { $0.replace(new) } }
        }
    }

    /// Slices that nobody has claimed wait again, and no pilot can run them any more.
    /// - Parameter slices: those that somebody has are passed over; so many in a turn.
    /// - Returns: how many that were.
    @discardableResult
    func takeBack(_ slices: some Sequence<Int>, of tag: String, _ now: UInt64) -> Int {
        guard let folder = submissions[tag]?.folder, now >= piloting.nextSettlement else { return 0 }
        var taken = 0
        do throws(SystemError) {
            for slice in slices.prefix(Piloting.mostClaims) {
                let holder = try SliceClaim.take(slice, in: folder) ?? .driver
                // a pilot was quicker: it is not asked for again
                guard holder == .driver else {
                    _ = submissions.inPool(tag) { $0.found(holder, at: slice) }
                    continue
                }
                giveBack(tag, slice)
                taken += 1
            }
        } catch {
            postpone("slices cannot be claimed: \(error.description)", now)
        }
        return taken
    }

    func postpone(_ why: String, _ now: UInt64) {
        notes.add(why)
        piloting.nextSettlement = now &+ Piloting.pause
    }

    /// The driver has its claim: its tasks wait again, which is no try, unless its pilots could not be had at all.
    func giveBack(_ tag: String, _ slice: Int) {
        let fate = submissions[tag]?.pool.flatMap { $0.wasAccepted ? nil : $0.fate }, queue = submissions[tag]?.options.queue
        for member in submissions.inPool(tag, { $0.remove(slice) }) ?? [] {
            let tries =
                switch fate {
                case .refused(let why, let isForgiven): refuse(member, at: queue, why, isForgiven: isForgiven)
                case .vanished(let doubt): vanish(member, tag, doubt)
                case nil: again(member)
                }
            close(tag, LedgerEnd(slice, position: member.position, how: "taken back", tries: tries))
        }
    }

    /// Pilots of this run that wait still, though all work is done, are cancelled: nothing would come of them.
    func dismissPilots() {
        let idle = submissions.idlePilots(of: earlier.own)
        if idle.isEmpty { return }
        system.ask(.cancel(idle), now: clock.monotonic())
        let deadline = clock.monotonic() &+ 5 * Piloting.pause
        while clock.monotonic() < deadline {
            if system.answers(now: clock.monotonic()).contains(where: { if case .cancelled = $0 { true } else { false } }) { return }
            usleep(10_000)
        }
    }
}
