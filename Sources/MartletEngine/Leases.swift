import MartletModel

/// Who runs what. A worker that runs one task at a time works through its leases in the order in which it got them.
struct Leases {
    struct Holder {
        var id: WorkerID
        var lane: Lane
        /// Tasks it runs at the same time.
        var capacity: Int
        /// Oldest first.
        var tasks: [TaskIndex] = []
        /// What the leases are expected to take together, in seconds; infinite when one of them is unknown.
        var expected: Double = 0
    }
    private(set) var holders: [Holder] = []
    private(set) var count = 0

    mutating func join(_ id: WorkerID, lane: Lane, capacity: Int) {
        precondition(!holders.contains { $0.id == id }, "\(id) joined twice")
        holders.append(Holder(id: id, lane: lane, capacity: capacity))
    }

    /// Takes the worker out; its leases come back, oldest first.
    mutating func leave(_ id: WorkerID) -> [TaskIndex] {
        guard let h = holders.firstIndex(where: { $0.id == id }) else { return [] }
        let tasks = holders.remove(at: h).tasks
        count -= tasks.count
        return tasks
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
            return true
        }
        return false
    }

    /// Slots of this machine that are taken.
    var busySlots: Int {
        holders.reduce(0) { sum, holder in
            switch holder.lane {
            case .worker: return sum + (holder.tasks.isEmpty ? 0 : 1)
            case .child: return sum + holder.tasks.count
            case .batch: return sum
            }
        }
    }

    func workers(in lane: Lane) -> Int { holders.reduce(0) { $0 + ($1.lane == lane ? 1 : 0) } }
}
