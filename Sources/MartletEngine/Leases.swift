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
        /// Its process is gone: it gets no leases any more, and goes itself when its last one ends.
        var isGone = false
    }
    private(set) var holders: [Holder] = []
    private(set) var count = 0

    mutating func join(_ id: WorkerID, lane: Lane, capacity: Int, ahead: Bool) {
        precondition(!holders.contains { $0.id == id }, "\(id) joined twice")
        holders.append(Holder(id: id, lane: lane, capacity: capacity, ahead: ahead))
    }

    /// The worker is gone. What it was running stays leased until its outcome is known; the leases behind it come
    /// back, oldest first.
    mutating func leave(_ id: WorkerID) -> [TaskIndex] {
        guard let h = holders.firstIndex(where: { $0.id == id }) else { return [] }
        let returned = Array(holders[h].tasks.dropFirst())
        holders[h].tasks.removeLast(returned.count)
        holders[h].isGone = true
        count -= returned.count
        if holders[h].tasks.isEmpty { holders.remove(at: h) }
        return returned
    }

    mutating func give(_ task: TaskIndex, to h: Int, expected: Double) {
        holders[h].tasks.append(task)
        holders[h].expected += expected
        count += 1
    }

    /// Ends a lease. - Returns: false when nobody held it.
    mutating func end(_ task: TaskIndex, expected: Double) -> Bool {
        for h in holders.indices {
            guard let place = holders[h].tasks.firstIndex(of: task) else { continue }
            holders[h].tasks.remove(at: place)
            count -= 1
            // recomputed when it was infinite: the rest may be known
            holders[h].expected = holders[h].tasks.isEmpty ? 0 : max(0, holders[h].expected - expected)
            if holders[h].expected.isNaN { holders[h].expected = .infinity }
            if holders[h].isGone && holders[h].tasks.isEmpty { holders.remove(at: h) }
            return true
        }
        return false
    }

    /// Slots of this machine that are taken.
    var busySlots: Int {
        holders.reduce(0) { sum, holder in
            switch holder.lane {
            case .worker, .apart: return sum + (holder.tasks.isEmpty ? 0 : 1)
            case .child: return sum + holder.tasks.count
            case .batch: return sum
            }
        }
    }

    /// Workers that can take leases.
    func workers(in lane: Lane) -> Int { holders.reduce(0) { $0 + ($1.lane == lane && !$1.isGone ? 1 : 0) } }
}
