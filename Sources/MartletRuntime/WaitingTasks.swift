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
    }

    /// Nanoseconds for which tasks wait for others to be submitted with them, where submitting is dear.
    private static let gathering: UInt64 = 500_000_000

    private var all: [One] = []
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

    /// Looks up those that were not yet. - Parameter joins: whether it goes on with an earlier driver's job.
    mutating func lookUp(_ joins: (One) -> Bool) {
        let rest = all[lookedUp...].filter { !joins($0) }
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

    mutating func remove(_ places: Set<Int>) {
        all = all.enumerated().filter { !places.contains($0.offset) }.map(\.element)
        lookedUp = all.count
    }

    /// Cuts what waits into slices of tasks that ask for the same, and those into arrays.
    /// - Parameters:
    ///   - room: jobs that may be added.
    ///   - slice: tasks that a job runs at the most.
    ///   - mostElements: jobs in an array at the most.
    ///   - options: what a task's job is to ask for.
    /// - Returns: the arrays, and the places of their tasks among those that wait.
    func cut(
        room: Int, slice: Int, mostElements: Int, newTag: () -> String, options: (One) -> JobOptions
    ) -> (arrays: [NewArray], taken: Set<Int>) {
        var arrays: [NewArray] = [], taken: Set<Int> = [], room = room
        for (options, places) in groups(room: room, slice: slice, options) {
            let jobs = min(room, (places.count + slice - 1) / slice)
            if jobs <= 0 { break }
            room -= jobs
            let used = places.prefix(jobs * slice)
            taken.formUnion(used)
            let slices = stride(from: 0, to: used.count, by: slice).map { begin in
                used[begin..<min(begin + slice, used.count)].map { all[$0] }
            }
            for begin in stride(from: 0, to: slices.count, by: mostElements) {
                let part = Array(slices[begin..<min(begin + mostElements, slices.count)])
                arrays.append(NewArray(tag: newTag(), options: options, slices: part))
            }
        }
        return (arrays, taken)
    }

    /// Places of tasks by what they ask for, in the order of the first of each.
    private func groups(
        room: Int, slice: Int, _ options: (One) -> JobOptions
    ) -> [(options: JobOptions, places: [Int])] {
        var numbers: [JobOptions: Int] = [:]
        var groups: [(options: JobOptions, places: [Int])] = []
        // what waits behind is not looked at each time that a few jobs have ended
        let most = room.multipliedReportingOverflow(by: slice)
        for place in 0..<(most.overflow ? lookedUp : min(lookedUp, most.partialValue)) {
            let asked = options(all[place])
            if numbers[asked] == nil {
                numbers[asked] = groups.count
                groups.append((asked, []))
            }
            groups[numbers[asked]!].places.append(place)
        }
        return groups
    }
}
