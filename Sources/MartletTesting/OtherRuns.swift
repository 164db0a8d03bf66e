import MartletEngine
import MartletModel

/// Other runs, as a simulated history sees them: they hold some of what is claimed, make it or let it go, and die.
struct OtherRuns {
    /// Claims that are not answered yet.
    private var open: [TaskIndex] = []
    /// Tasks that others hold.
    private var theirs: [TaskIndex] = []
    private(set) var ours: Set<TaskIndex> = []

    static func settings(_ random: inout SeededRandom) -> ClaimSettings? {
        guard random.chance(0.6) else { return nil }
        return ClaimSettings(
            aheadSeconds: random.chance(0.5) ? 0.5 : 0.0005, mostTasks: Int.random(in: 1...20, using: &random),
            answeredAtOnce: random.chance(0.7))
    }

    /// Something is to come of them though nobody works.
    var owe: Bool { !open.isEmpty || !theirs.isEmpty }

    mutating func asked(_ tasks: [TaskIndex]) -> [String] {
        var wrong: [String] = []
        if tasks.isEmpty { wrong.append("a claim of nothing") }
        if !open.isEmpty { wrong.append("a second claim before the first is answered") }
        for task in tasks where ours.contains(task) || theirs.contains(task) {
            wrong.append("task \(task) is claimed though its claim stands")
        }
        open = tasks
        return wrong
    }

    mutating func released(_ tasks: [TaskIndex]) -> [String] {
        tasks.compactMap { ours.remove($0) == nil ? "task \($0) is given back and was not claimed" : nil }
    }

    /// What they do next, if anything.
    mutating func event(_ random: inout SeededRandom) -> Event? {
        if !open.isEmpty && random.chance(0.6) { return answer(&random) }
        guard !theirs.isEmpty, random.chance(0.3) else { return nil }
        theirs.shuffle(using: &random)
        let settled = Array(theirs.prefix(Int.random(in: 1...theirs.count, using: &random)))
        theirs.removeFirst(settled.count)
        switch Int.random(in: 0...9, using: &random) {
        case 0: return .unreachable(settled)
        case 1...5: return .madeElsewhere(settled)
        default: return .letGo(settled)
        }
    }

    /// What was refused while it was waiting for something else is asked for again when its turn comes.
    mutating func keep(_ waits: (TaskIndex) -> Bool) { theirs = theirs.filter(waits) }

    /// Answers a part of what is open, all of it in one way.
    private mutating func answer(_ random: inout SeededRandom) -> Event {
        let part = Array(open.prefix(Int.random(in: 1...open.count, using: &random)))
        open.removeFirst(part.count)
        switch Int.random(in: 0...19, using: &random) {
        case 0...3:
            theirs += part
            return .heldElsewhere(part)
        case 4:
            ours.formUnion(part)
            return .madeElsewhere(part)
        case 5:
            ours.formUnion(part)
            return .unreachable(part)
        default:
            ours.formUnion(part)
            return .claimed(part)
        }
    }
}
