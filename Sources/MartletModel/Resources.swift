/// Amounts of counted resources by name: what a task needs, or what there is.
public struct Resources: Hashable, Sendable {
    /// Sorted by name; amounts are positive.
    public private(set) var amounts: [(name: String, amount: Double)]

    public init(_ amounts: [String: Double] = [:]) {
        self.amounts = amounts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { (name: $0.key, amount: $0.value) }
    }
    /// The same with `factor` times as much of one of them.
    public func scaling(_ name: String, by factor: Double) -> Resources {
        var scaled = self
        for i in scaled.amounts.indices where scaled.amounts[i].name == name { scaled.amounts[i].amount *= factor }
        return scaled
    }

    public var isEmpty: Bool { amounts.isEmpty }

    public static func == (a: Resources, b: Resources) -> Bool {
        a.amounts.count == b.amounts.count && zip(a.amounts, b.amounts).allSatisfy { $0 == $1 }
    }
    public func hash(into hasher: inout Hasher) {
        for (name, amount) in amounts {
            hasher.combine(name)
            hasher.combine(amount)
        }
    }
}
