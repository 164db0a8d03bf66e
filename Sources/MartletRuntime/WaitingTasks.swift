import MartletModel
import MartletPorts

/// Tasks that wait for being submitted, in order, and how they are cut into arrays.
struct WaitingTasks {
    struct One {
        var task: TaskIndex
        var request: JobRequest
    }

    struct NewArray {
        var tag: String
        var options: JobOptions
        var slices: [[One]]
        /// Jobs that share the slices; nil: each slice is a job.
        var pilots: Int?
    }

    /// What tasks of one array have in common.
    struct Wish: Hashable {
        var options: JobOptions
        /// See `JobRequest.queues`.
        var queues: [String]

        /// Whether a job with these options is what is wanted, wherever it is of several queues.
        /// - Parameter strictly: it avoids the same nodes, too.
        func isMet(by other: JobOptions, strictly: Bool) -> Bool {
            var (one, other) = (options, other)
            if !queues.isEmpty {
                guard let queue = other.queue, queues.contains(queue) else { return false }
                other.queue = one.queue
            }
            if !strictly { (one.avoidedNodes, other.avoidedNodes) = ([], []) }
            return one == other
        }
    }

    /// Nanoseconds for which tasks wait for others to be submitted with them, where submitting is dear.
    private static let gathering: UInt64 = 500_000_000

    private(set) var all: [One] = []
    /// How many of them, from the front, were looked for among the jobs of earlier drivers.
    private var lookedUp = 0
    private var lastStart: UInt64 = 0

    var isEmpty: Bool { all.isEmpty }
    var count: Int { all.count }
    var isLookedUp: Bool { lookedUp == all.count }
    /// Some may be submitted.
    var isReady: Bool { lookedUp > 0 }

    mutating func add(_ one: One, now: UInt64) {
        all.append(one)
        lastStart = now
    }

    /// Its job never was, or ended before its turn: it is the next, but for those that came back before.
    mutating func putBack(_ one: One) {
        all.insert(one, at: lookedUp)
        lookedUp += 1
    }

    /// Looks up those that were not yet. - Parameter joins: whether it waits no more, since it goes on with an earlier driver's job.
    mutating func lookUp(_ joins: (inout One) -> Bool) {
        var rest: [One] = []
        for var one in all[lookedUp...] where !joins(&one) { rest.append(one) }
        all.replaceSubrange(lookedUp..., with: rest)
        lookedUp = all.count
    }

    /// Tasks come many at a time, but not all at once.
    /// - Parameter full: so many need not wait for more.
    func isGathering(_ now: UInt64, full: Int) -> Bool {
        lookedUp < full && now < lastStart &+ WaitingTasks.gathering
    }

    mutating func takeAll() -> [One] {
        defer { (all, lookedUp) = ([], 0) }
        return all
    }

    mutating func take(where isTaken: (One) -> Bool) -> [One] {
        let taken = all.filter(isTaken)
        if taken.isEmpty { return [] }
        lookedUp = all.prefix(lookedUp).count { !isTaken($0) }
        all.removeAll(where: isTaken)
        return taken
    }

    mutating func remove(_ places: Set<Int>) {
        all = all.enumerated().filter { !places.contains($0.offset) }.map(\.element)
        lookedUp = all.count
    }

    /// Cuts what waits into slices of tasks that ask for the same, and those into arrays.
    /// - Parameters:
    ///   - room: jobs that may be added.
    ///   - slice: tasks that a job runs at the most.
    ///   - mostElements: jobs in an array at the most.
    ///   - wish: what a task's job is to ask for.
    ///   - shares: how many of so many jobs go to which queue; the rest have to wait.
    /// - Returns: the arrays, and the places of their tasks among those that wait.
    func cut(
        room: Int, slice: Int, mostElements: Int, newTag: () -> String, wish: (One) -> Wish,
        shares: (_ jobs: Int, _ wish: Wish) -> [(queue: String?, jobs: Int)]
    ) -> (arrays: [NewArray], taken: Set<Int>) {
        var arrays: [NewArray] = [], taken: Set<Int> = [], room = room
        // what waits behind is not looked at each time that a few jobs have ended
        let most = room.multipliedReportingOverflow(by: slice)
        for (wish, places) in groups(most: most.overflow ? lookedUp : most.partialValue, wish) {
            let jobs = min(room, (places.count + slice - 1) / slice)
            if jobs <= 0 { break }
            var rest = places[...]
            for (queue, jobs) in shares(jobs, wish) {
                var options = wish.options
                options.queue = queue
                let used = rest.prefix(jobs * slice)
                rest = rest.dropFirst(used.count)
                taken.formUnion(used)
                room -= jobs
                let slices = slices(used, of: slice)
                for begin in stride(from: 0, to: slices.count, by: mostElements) {
                    let part = Array(slices[begin..<min(begin + mostElements, slices.count)])
                    arrays.append(NewArray(tag: newTag(), options: options, slices: part))
                }
            }
        }
        return (arrays, taken)
    }

    /// Slices of so many tasks, of which the last may have fewer.
    func slices(_ places: some RandomAccessCollection<Int>, of size: Int) -> [[One]] {
        let places = Array(places)
        return stride(from: 0, to: places.count, by: size).map { begin in
            places[begin..<min(begin + size, places.count)].map { all[$0] }
        }
    }

    /// What the ledger is told of them.
    static func ledgered(_ slices: [[One]], _ trials: JobTrials) -> LedgerSlices {
        var ledgered = LedgerSlices(slices.map { $0.map(\.request.task) })
        for (element, slice) in slices.enumerated() {
            for (position, one) in slice.enumerated() {
                if !one.request.followers.isEmpty {
                    ledgered.followers[LedgerSlices.Place(element, position)] = one.request.followers
                }
                ledgered.tries.merge(trials.tries(of: one.request)) { $1 }
            }
        }
        return ledgered
    }

    /// Places of tasks by what they ask for, in the order of the first of each.
    /// - Parameter most: so many from the front are looked at.
    func groups(most: Int = .max, _ wish: (One) -> Wish) -> [(wish: Wish, places: [Int])] {
        var numbers: [Wish: Int] = [:]
        var groups: [(wish: Wish, places: [Int])] = []
        for place in 0..<min(lookedUp, most) {
            let asked = wish(all[place])
            if numbers[asked] == nil {
                numbers[asked] = groups.count
                groups.append((asked, []))
            }
            groups[numbers[asked]!].places.append(place)
        }
        return groups
    }
}
