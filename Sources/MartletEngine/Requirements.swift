import MartletModel

/// The distinct requirements of a run's tasks, what each counted resource has, and how much of it is taken.
///
/// Tasks refer to a requirement by number; thousands of tasks share a handful.
struct Requirements {
    struct Requirement: Equatable {
        var lane: Lane
        /// (number of the resource, amount)
        var amounts: [(resource: Int, amount: Double)]
        static func == (a: Requirement, b: Requirement) -> Bool {
            a.lane == b.lane && a.amounts.count == b.amounts.count && zip(a.amounts, b.amounts).allSatisfy { $0 == $1 }
        }
    }

    private var names: [String: Int] = [:]
    private let limits: [String: Double]
    private(set) var limit: [Double] = []
    private(set) var taken: [Double] = []
    private(set) var all: [Requirement] = []

    init(limits: [String: Double]) {
        self.limits = limits
        all.append(Requirement(lane: .worker, amounts: []))
    }

    /// The number of a requirement, the same for equal ones. Number 0 is "a worker and nothing else".
    mutating func number(lane: Lane, resources: Resources) -> Int {
        let wanted = Requirement(
            lane: lane, amounts: resources.amounts.map { (resource: resource($0.name), amount: $0.amount) })
        if let known = all.firstIndex(of: wanted) { return known }
        all.append(wanted)
        return all.count - 1
    }

    private mutating func resource(_ name: String) -> Int {
        if let known = names[name] { return known }
        names[name] = limit.count
        limit.append(limits[name] ?? 1)
        taken.append(0)
        return limit.count - 1
    }

    func fits(_ r: Int) -> Bool {
        all[r].amounts.allSatisfy { taken[$0.resource] + $0.amount <= limit[$0.resource] + Requirements.slack }
    }
    /// False when the task could not start even with everything free.
    func canEverFit(_ r: Int) -> Bool {
        all[r].amounts.allSatisfy { $0.amount <= limit[$0.resource] + Requirements.slack }
    }
    mutating func take(_ r: Int) { for a in all[r].amounts { taken[a.resource] += a.amount } }
    mutating func give(_ r: Int) {
        for a in all[r].amounts {
            taken[a.resource] -= a.amount
            if taken[a.resource] < Requirements.slack { taken[a.resource] = 0 }
        }
    }

    // amounts are decimal fractions such as 0.1: adding and giving back must not leave a remainder that counts
    static let slack = 1e-9
}
