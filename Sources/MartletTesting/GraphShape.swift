import MartletModel

/// What a random graph looks like. Task 0 needs, directly or through others, much of the rest; edges lead from small
/// numbers to larger ones, but for those that close a cycle.
struct GraphShape {
    enum Kind: CaseIterable {
        case random
        /// Each task needs the next.
        case chain
        /// One task needs all, and all need one.
        case fan
        /// Pairs that need the same and are needed by the same, one pair behind the other.
        case diamonds
        /// Rows of some width, each task needs some of the next row.
        case layers
    }

    let kind: Kind
    let count: Int
    /// Edges back to smaller numbers: who needs whom.
    let backwards: [Int: Int]
    private let density: Double
    private let width: Int

    /// - Parameter cyclic: some task needs one that needs it, perhaps.
    init(_ random: inout SeededRandom, most: Int, cyclic: Bool) {
        kind = random.chance(0.5) ? .random : Kind.allCases.randomElement(using: &random)!
        let count = Int.random(in: 1...60, using: &random)
        self.count = min(count, most)
        density = Double.random(in: 0.5...4, using: &random)
        width = Int.random(in: 1...8, using: &random)
        var backwards: [Int: Int] = [:]
        if cyclic {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let from = Int.random(in: 0..<self.count, using: &random)
                backwards[from] = Int.random(in: 0...from, using: &random)
            }
        }
        self.backwards = backwards
    }

    /// What task `i` needs.
    func dependencies(of i: Int, _ random: inout SeededRandom) -> [TaskIndex] {
        var needs = forward(i, &random)
        if let back = backwards[i] { needs.append(TaskIndex(back)) }
        return needs
    }

    private func forward(_ i: Int, _ random: inout SeededRandom) -> [TaskIndex] {
        let rest = i + 1..<count
        switch kind {
        case .random: return some(of: rest, Int(density * Double.random(in: 0...2, using: &random)), &random)
        case .chain: return rest.prefix(1).map { TaskIndex($0) }
        case .fan: return (i == 0 ? rest : rest.suffix(1)).map { TaskIndex($0) }
        case .diamonds:
            // 0 needs 1 and 2, both need 3, which needs 4 and 5 …
            return (i % 3 == 0 ? rest.prefix(2) : rest.dropFirst(2 - i % 3).prefix(1)).map { TaskIndex($0) }
        case .layers:
            let row = (i / width + 1) * width
            return some(of: row..<max(row, min(row + width, count)), Int.random(in: 1...3, using: &random), &random)
        }
    }

    private func some(of range: Range<Int>, _ wanted: Int, _ random: inout SeededRandom) -> [TaskIndex] {
        let wanted = min(range.count, wanted)
        return wanted == 0 ? [] : range.shuffled(using: &random).prefix(wanted).map { TaskIndex($0) }
    }
}
