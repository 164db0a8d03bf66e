/// The devices of this machine, e.g. its GPUs: which of them are taken, and how much of each.
///
/// A task asks for whole devices, or for a part of one that it shares with others. Devices of a kind are numbered
/// from 0.
struct DeviceTable {
    /// Numbers of devices by kind: what a lease holds, or what a process has seen.
    typealias Choice = [Int: [Int]]

    struct Demand {
        var kind: Int
        /// Below 1 a part of one device, else whole ones: one and a half are two.
        var amount: Double
        var count: Int { amount < 1 ? 1 : Int((amount - TermsTable.slack).rounded(.up)) }
        /// How much of each of them is taken.
        var part: Double { min(1, amount) }
    }

    /// Names of the kinds, sorted; their places are their numbers.
    let kinds: [String]
    /// What is left of each device, by kind: 1 is all of it.
    private(set) var left: [[Double]]

    /// - Parameter counts: how many devices there are of each kind.
    init(_ counts: [String: Int]) {
        kinds = counts.keys.sorted()
        left = kinds.map { [Double](repeating: 1, count: counts[$0]!) }
    }

    func kind(_ name: String) -> Int? { kinds.firstIndex(of: name) }

    /// False when so much could not be had even with everything free.
    func canEverFit(_ demands: [Demand]) -> Bool { demands.allSatisfy { $0.count <= left[$0.kind].count } }

    /// Devices that are free for a task; nil when there are not enough of them.
    ///
    /// Of parts the fullest device that still has room is chosen, so that whole ones stay whole.
    /// - Parameters:
    ///   - seen: what the process that is to run it is bound to; nil when it has seen nothing so far.
    ///   - shunned: devices that other processes have seen, taken only when nothing else is left.
    func choice(for demands: [Demand], seen: Choice?, shunned: [Choice]) -> Choice? {
        if let seen {
            let same = demands.count == seen.count && demands.allSatisfy { demand in
                guard let numbers = seen[demand.kind], numbers.count == demand.count else { return false }
                return numbers.allSatisfy { hasRoom(demand, $0) }
            }
            return same ? seen : nil
        }
        var choice: Choice = [:]
        for demand in demands {
            let room = left[demand.kind].indices.filter { hasRoom(demand, $0) }
            guard room.count >= demand.count else { return nil }
            let ranked = room.map { number in
                (left: left[demand.kind][number], shunned: shunned.contains { $0[demand.kind]?.contains(number) ?? false } ? 1 : 0,
                    number: number)
            }.sorted { ($0.left, $0.shunned, $0.number) < ($1.left, $1.shunned, $1.number) }
            choice[demand.kind] = ranked.prefix(demand.count).map(\.number).sorted()
        }
        return choice
    }

    private func hasRoom(_ demand: Demand, _ number: Int) -> Bool {
        left[demand.kind][number] + TermsTable.slack >= demand.part
    }

    mutating func take(_ choice: Choice, for demands: [Demand]) {
        for demand in demands {
            for number in choice[demand.kind] ?? [] { left[demand.kind][number] -= demand.part }
        }
    }

    mutating func give(_ choice: Choice, for demands: [Demand]) {
        for demand in demands {
            for number in choice[demand.kind] ?? [] {
                let now = left[demand.kind][number] + demand.part
                left[demand.kind][number] = now > 1 - TermsTable.slack ? 1 : now
            }
        }
    }
}
