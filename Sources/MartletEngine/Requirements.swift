import MartletModel

/// The distinct requirements of a run's tasks, what each counted resource has, and how much of it is taken.
///
/// Tasks refer to a requirement by number; thousands of tasks share a handful.
struct Requirements {
    struct Requirement {
        var lane: Lane
        /// (number of the resource, amount)
        var amounts: [(resource: Int, amount: Double)]
    }
    private struct Key: Hashable {
        var lane: Lane
        var resources: Resources
    }

    private var numbers: [Key: Int] = [:]
    private var names: [String: Int] = [:]
    private let limits: [String: Double]
    private(set) var limit: [Double] = []
    private(set) var taken: [Double] = []
    private(set) var all: [Requirement] = []

    init(limits: [String: Double]) {
        self.limits = limits
        _ = number(lane: .worker, resources: Resources())
    }

    /// The number of a requirement, the same for equal ones. Number 0 is "a worker and nothing else".
    mutating func number(lane: Lane, resources: Resources) -> Int {
        let key = Key(lane: lane, resources: resources)
        if let known = numbers[key] { return known }
        let amounts = resources.amounts.map { (resource: resource($0.name), amount: $0.amount) }
        all.append(Requirement(lane: lane, amounts: amounts))
        numbers[key] = all.count - 1
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
