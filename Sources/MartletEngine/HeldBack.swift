import MartletModel

/// What keeps tasks that are ready from starting.
extension Engine {
    /// Whether none of those that are ready could start before one that runs has ended, and no answer is awaited.
    public var waitsForRunning: Bool {
        guard phase == .running, claims.asked == 0 else { return false }
        let isOpen = { (number: Int) in
            let lane = terms.lane(number)
            return fits(number) && (lane != .batch || leases.room(in: .batch) > 0)
        }
        return ready.best(where: isOpen) == nil && claims.unclaimed.best(where: isOpen) == nil
    }

    /// Tasks that are ready and wait for a counted resource that others have, by its name: of several the first by name.
    /// Looks at every task.
    public var heldBack: [String: Int] {
        guard tasks(in: .ready) > 0 else { return [:] }
        var counts: [Int: Int] = [:]
        for i in states.indices where states[i] == .ready { counts[Int(graph.terms[i]), default: 0] += 1 }
        var held: [String: Int] = [:]
        for (number, count) in counts {
            if let name = terms.lacking(number) { held[name, default: 0] += count }
        }
        return held
    }
}
