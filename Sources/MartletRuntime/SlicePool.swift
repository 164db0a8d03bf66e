import MartletModel
import MartletPorts

/// The slices of a submission whose jobs are pilots: each takes one after the other, by a claim (`SliceClaim`), until none
/// is left or its time nears its end.
struct SlicePool {
    /// Why no pilot came to be.
    enum Fate {
        case refused(String, isForgiven: Bool)
        /// The lists were without them; what was said when they were submitted.
        case vanished(String?)
    }

    /// How many slices there are in all.
    private(set) var count: Int
    /// Jobs that share them: as many as were submitted, less those that others have replaced.
    private(set) var pilots: Int
    /// This run's tasks that have no outcome yet, by slice.
    private(set) var members: [Int: [Submission.Member]] = [:]
    /// Of those, and of others: what the last listing said.
    private(set) var claimed: Set<Int> = []
    private(set) var runners: [Int: Int] = [:]
    /// Who has claimed slices of which there is no result, as far as that was looked up.
    private(set) var holders: [Int: SliceClaim.Holder] = [:]
    /// Pilots that have ended, as they were.
    private(set) var ended: [Int: Submission.Element] = [:]
    /// The system knew a pilot at some time.
    var wasAccepted = false
    var fate: Fate?

    init(count: Int, pilots: Int) { (self.count, self.pilots) = (count, pilots) }

    /// - Parameter slices: all of them this run's.
    init(_ slices: [[WaitingTasks.One]], pilots: Int) {
        self.init(count: 0, pilots: pilots)
        add(slices)
    }

    var isOver: Bool { members.isEmpty }
    /// Slices with tasks of this run that nobody has claimed, as far as is known.
    var unclaimed: [Int] { members.keys.filter { !claimed.contains($0) }.sorted() }
    func isUnclaimed(_ slice: Int) -> Bool { members[slice] != nil && !claimed.contains(slice) }
    var open: [Int] { members.keys.sorted() }

    mutating func add(_ slices: [[WaitingTasks.One]]) {
        for slice in slices {
            members[count] = Submission.members(of: slice)
            count += 1
        }
    }

    mutating func join(_ member: Submission.Member, slice: Int) { members[slice, default: []].append(member) }

    mutating func take(_ listing: PoolListing) { (claimed, runners) = (listing.claimed, listing.runners) }

    /// Slices that somebody has claimed and of which nothing else is known.
    var unnamed: [Int] { members.keys.filter { claimed.contains($0) && runners[$0] == nil && holders[$0] == nil }.sorted() }

    mutating func name(_ holder: SliceClaim.Holder, of slice: Int) { holders[slice] = holder }

    /// Somebody has claimed it since the folder was listed.
    mutating func found(_ holder: SliceClaim.Holder, at slice: Int) {
        claimed.insert(slice)
        // its maker may be about to write its name
        if holder != .nobody { holders[slice] = holder }
    }

    /// Whether there is a sign of a pilot.
    func hasBegun(_ pilot: Int) -> Bool { runners.values.contains(pilot) || holders.values.contains(.pilot(pilot)) }

    /// Slices without an outcome of pilots that have ended, as was not seen when they did.
    var leftBehind: [(slice: Int, pilot: Int)] {
        if ended.isEmpty { return [] }
        return members.keys.sorted().compactMap { slice in
            var pilot = runners[slice]
            if pilot == nil, case .pilot(let holder)? = holders[slice] { pilot = holder }
            return pilot.flatMap { ended[$0] == nil ? nil : (slice, $0) }
        }
    }

    /// Slices that a pilot has claimed, and of whose tasks some have no outcome.
    func slices(of pilot: Int) -> [Int] {
        members.keys.filter { runners[$0] == pilot || holders[$0] == .pilot(pilot) }.sorted()
    }

    mutating func end(_ pilot: Int, _ element: Submission.Element) { ended[pilot] = element }

    /// So many are replaced by others elsewhere.
    mutating func replace(_ gone: Int) { pilots -= gone }

    /// Takes members out that have an outcome. - Returns: them, in order.
    mutating func conclude(_ slice: Int, _ positions: (Int) -> Bool) -> [Submission.Member] {
        let done = (members[slice] ?? []).filter { positions($0.position) }
        members[slice]?.removeAll { positions($0.position) }
        if members[slice]?.isEmpty == true { members[slice] = nil }
        return done.sorted { $0.position < $1.position }
    }

    /// Takes a slice out. - Returns: its members without an outcome, in order.
    mutating func remove(_ slice: Int) -> [Submission.Member] { conclude(slice) { _ in true } }
}
