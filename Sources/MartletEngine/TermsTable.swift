import MartletModel

/// The distinct terms of a run's tasks, what there is of each counted resource, and how much of it is taken.
struct TermsTable {
    private struct Entry {
        var terms: Terms
        /// (number of the resource, amount)
        var amounts: [(resource: Int, amount: Double)]
        var demands: [DeviceTable.Demand]
        /// The same with more memory; nil until a task needs it.
        var withMoreMemory: Int?
        /// The number under which such tasks stand in the ready queue: one for all groups that may run as one.
        var queue: Int
    }

    private var numbers: [Terms: Int] = [:]
    private var names: [String: Int] = [:]
    private let limits: [String: Double]
    private let devices: DeviceTable
    private(set) var limit: [Double] = []
    private(set) var taken: [Double] = []
    /// Some tasks need other processes than the rest: away from the driver, of their own, or for their devices.
    private(set) var someNeedOtherProcesses = false
    private var all: [Entry] = []

    /// Number 0 is "a worker and nothing else".
    init(limits: [String: Double], devices: DeviceTable) {
        self.limits = limits
        self.devices = devices
        _ = number(of: Terms())
    }

    subscript(number: Int) -> Terms { all[number].terms }
    func lane(_ number: Int) -> Lane { all[number].terms.lane }
    func ownLog(_ number: Int) -> Bool { all[number].terms.ownLog }
    func share(_ number: Int) -> Share { all[number].terms.share }
    func demands(_ number: Int) -> [DeviceTable.Demand] { all[number].demands }
    func hasDemands(_ number: Int) -> Bool { !all[number].demands.isEmpty }

    func timeLimit(_ number: Int) -> Double? { all[number].terms.timeLimit }

    /// The number of these terms, the same for equal ones.
    mutating func number(of terms: Terms) -> Int {
        if let known = numbers[terms] { return known }
        var queue: Int?
        if terms.batch != nil && terms.batch != .any {
            var any = terms
            any.batch = .any
            queue = number(of: any)
        }
        var amounts: [(resource: Int, amount: Double)] = []
        var demands: [DeviceTable.Demand] = []
        for (name, amount) in terms.resources.amounts {
            // a batch system hands out the devices of its own machines
            if terms.lane != .batch, let kind = devices.kind(name) {
                demands.append(DeviceTable.Demand(kind: kind, amount: amount))
            } else {
                amounts.append((resource: resource(name), amount: amount))
            }
        }
        all.append(Entry(terms: terms, amounts: amounts, demands: demands, withMoreMemory: nil, queue: queue ?? all.count))
        if terms.lane == .fork || terms.lane == .apart || !demands.isEmpty { someNeedOtherProcesses = true }
        numbers[terms] = all.count - 1
        return all.count - 1
    }

    func queue(_ number: Int) -> Int { all[number].queue }
    func batch(_ number: Int) -> BatchTerms? { all[number].terms.batch }

    /// What nobody has taken of each counted resource that was named so far.
    var left: [String: Double] {
        names.reduce(into: limits) { left, known in left[known.key] = max(0, limit[known.value] - taken[known.value]) }
    }

    private mutating func resource(_ name: String) -> Int {
        if let known = names[name] { return known }
        names[name] = limit.count
        limit.append(limits[name] ?? 1)
        taken.append(0)
        return limit.count - 1
    }

    /// The same terms with more memory; unchanged where they ask for none, or where there is no more of it.
    mutating func withMoreMemory(_ number: Int) -> Int {
        if let known = all[number].withMoreMemory { return known }
        let terms = all[number].terms, policy = terms.retry
        var more = terms
        more.resources = terms.resources.scaling(policy.memoryResource, by: policy.memoryFactor)
        var answer = self.number(of: more)
        if !canEverFit(answer) { answer = number }
        all[number].withMoreMemory = answer
        return answer
    }

    func fits(_ number: Int) -> Bool {
        all[number].amounts.allSatisfy { taken[$0.resource] + $0.amount <= limit[$0.resource] + TermsTable.slack }
    }
    /// A resource of which there is not enough left at the moment: the first by name.
    func lacking(_ number: Int) -> String? {
        let short = Set(
            all[number].amounts.filter { taken[$0.resource] + $0.amount > limit[$0.resource] + TermsTable.slack }.map(\.resource))
        return short.isEmpty ? nil : names.filter { short.contains($0.value) }.keys.min()
    }
    /// Whether a task may be handed to a worker before its turn: it holds nothing meanwhile, no time runs, and no others
    /// could join it.
    func mayWaitInLine(_ number: Int) -> Bool {
        all[number].amounts.isEmpty && all[number].demands.isEmpty && all[number].terms.timeLimit == nil
            && all[number].terms.batch == nil
    }
    /// False when a task could not start even with everything free.
    func canEverFit(_ number: Int) -> Bool {
        all[number].amounts.allSatisfy { $0.amount <= limit[$0.resource] + TermsTable.slack }
            && devices.canEverFit(all[number].demands)
    }
    mutating func take(_ number: Int) { for a in all[number].amounts { taken[a.resource] += a.amount } }
    mutating func give(_ number: Int) {
        for a in all[number].amounts {
            taken[a.resource] -= a.amount
            if taken[a.resource] < TermsTable.slack { taken[a.resource] = 0 }
        }
    }

    /// What these terms need together, by resource.
    func amounts(of numbers: [Int]) -> [Double] {
        var sums = [Double](repeating: 0, count: limit.count)
        for number in numbers { for a in all[number].amounts { sums[a.resource] += a.amount } }
        return sums
    }

    // amounts are decimal fractions such as 0.1: adding and giving back must not leave a remainder that counts
    static let slack = 1e-9
}
