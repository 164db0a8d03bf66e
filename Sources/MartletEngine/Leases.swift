import MartletModel

/// Who runs what. A worker that runs one task at a time works through its leases in the order in which it got them.
struct Leases {
    struct Holder {
        var id: WorkerID
        var lane: Lane
        /// Tasks it runs at the same time.
        var capacity: Int
        /// It may hold more leases than its capacity.
        var ahead: Bool
        /// Oldest first.
        var tasks: [TaskIndex] = []
        /// What the leases are expected to take together, in seconds; infinite when one of them is unknown.
        var expected: Double = 0
        /// What its tasks may use: while it holds several, all of them the same.
        var share = Share()
        /// Cores that its leases count.
        var cores: Double = 0
        /// Another can be had in its place.
        var isReplaceable = true
        /// It has run nothing yet.
        var isFresh = true
        /// Devices that it ran tasks with; it gets no task with others.
        var seen: DeviceTable.Choice = [:]
        /// Tasks that it was given so far.
        var given = 0
        /// It gets nothing new, and is replaced when it holds nothing any more.
        var isLeaving = false
        /// Its process is gone: it gets no leases any more, and goes itself when its last one ends.
        var isGone = false
    }
    private(set) var holders: [Holder] = []
    private(set) var count = 0
    /// Cores that all leases count together. What a worker was handed ahead of time counts no more than what it runs.
    private(set) var busyCores = 0.0
    private var leaving = 0

    mutating func join(_ id: WorkerID, lane: Lane, capacity: Int, ahead: Bool, replaceable: Bool) {
        precondition(!holders.contains { $0.id == id }, "\(id) joined twice")
        var holder = Holder(id: id, lane: lane, capacity: capacity, ahead: ahead)
        holder.isReplaceable = replaceable
        holders.append(holder)
    }

    /// The worker is gone. What it was running stays leased until its outcome is known; the leases behind it come
    /// back, oldest first.
    mutating func leave(_ id: WorkerID) -> [TaskIndex] {
        guard let h = holders.firstIndex(where: { $0.id == id }) else { return [] }
        let returned = Array(holders[h].tasks.dropFirst())
        holders[h].tasks.removeLast(returned.count)
        holders[h].isGone = true
        count -= returned.count
        if holders[h].tasks.isEmpty { remove(h) }
        return returned
    }

    /// - Parameter cores: what of the share counts here.
    mutating func give(_ task: TaskIndex, to h: Int, expected: Double, share: Share, cores: Double) {
        let before = holders[h].cores
        holders[h].cores = holders[h].isOneByOne ? max(before, cores) : before + cores
        busyCores += holders[h].cores - before
        holders[h].share = share
        holders[h].isFresh = false
        holders[h].given += 1
        holders[h].tasks.append(task)
        holders[h].expected += expected
        count += 1
    }

    /// Ends a lease. - Returns: false when nobody held it.
    mutating func end(_ task: TaskIndex, expected: Double, cores: Double) -> Bool {
        for h in holders.indices {
            guard let place = holders[h].tasks.firstIndex(of: task) else { continue }
            holders[h].tasks.remove(at: place)
            count -= 1
            let before = holders[h].cores
            if holders[h].tasks.isEmpty { holders[h].cores = 0 } else if !holders[h].isOneByOne { holders[h].cores -= cores }
            busyCores += holders[h].cores - before
            if abs(busyCores) < TermsTable.slack { busyCores = 0 }
            // recomputed when it was infinite: the rest may be known
            holders[h].expected = holders[h].tasks.isEmpty ? 0 : max(0, holders[h].expected - expected)
            if holders[h].expected.isNaN { holders[h].expected = .infinity }
            if holders[h].isGone && holders[h].tasks.isEmpty { remove(h) }
            return true
        }
        return false
    }

    /// How many more tasks the workers of a lane could run at this moment.
    func room(in lane: Lane) -> Int {
        holders.indices.reduce(0) { sum, h in
            guard holders[h].lane == lane && !holders[h].isGone else { return sum }
            return sum + max(0, holders[h].capacity - holders[h].tasks.count)
        }
    }

    /// Slots of this machine that are taken.
    var busySlots: Int {
        holders.indices.reduce(0) { sum, h in
            switch holders[h].lane {
            case .worker, .apart, .fork: return sum + (holders[h].tasks.isEmpty ? 0 : 1)
            case .child: return sum + holders[h].tasks.count
            case .batch: return sum
            }
        }
    }

    // MARK: what a process has gone through

    /// The process has seen these devices from now on.
    mutating func sees(_ choice: DeviceTable.Choice, _ h: Int) {
        if holders[h].isReplaceable { holders[h].seen = choice }
    }

    /// It gets nothing new, where another can be had in its place.
    mutating func isToLeave(_ id: WorkerID) {
        guard let h = holders.firstIndex(where: { $0.id == id }), holders[h].isReplaceable, !holders[h].isLeaving else {
            return
        }
        holders[h].isLeaving = true
        leaving += 1
    }

    /// Takes a worker out that holds nothing.
    mutating func retire(_ id: WorkerID) {
        guard let h = holders.firstIndex(where: { $0.id == id }) else { return }
        precondition(holders[h].tasks.isEmpty, "\(id) holds leases")
        remove(h)
    }

    private mutating func remove(_ h: Int) {
        if holders[h].isLeaving { leaving -= 1 }
        holders.remove(at: h)
    }

    /// Whether anybody is to leave.
    var someoneLeaves: Bool { leaving > 0 }
}

extension Leases.Holder {
    /// It works through its leases one after another.
    var isOneByOne: Bool { lane.hasProcesses }
    /// It could take a lease of its turn.
    var isIdle: Bool { tasks.isEmpty && !isGone }
}

/// What whoever ends a lease wants to know of its task.
public struct Lease: Sendable {
    /// False when nobody holds one: an answer that comes too late.
    public let isHeld: Bool
    /// Why the task runs.
    public let reason: Reason
    /// 1 for a task's first execution.
    public let attempt: Int
    /// Tasks that run as one with it.
    public let followers: [TaskIndex]
    public let family: FamilyIndex
    /// What it needed as planned.
    public let inputs: [TaskIndex]
}

/// How a task is to be run.
public struct Order: Sendable {
    /// Seconds.
    public let timeLimit: Double?
    public let equipment: Equipment
    /// What it prints is worth a file of its own.
    public let wantsOwnLog: Bool
    /// Tasks that run as one with it.
    public let followers: [TaskIndex]
}
