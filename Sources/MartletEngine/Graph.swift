import MartletModel

/// The tasks of a run and who needs whom, as columns: a task costs some fifty bytes, an edge sixteen.
///
/// Written once while planning. Dependents are kept as linked lists through the edges, so that adding is cheap and
/// nothing is sorted.
struct Graph {
    static let none = UInt32.max

    private(set) var kind: [PlannedTask.Kind] = []
    private(set) var family: [UInt32] = []
    var terms: [UInt32] = []
    /// Discovery number; `none` for a task that was only named as a dependency.
    private(set) var order: [UInt32] = []
    var priority: [Double] = []

    // the edges of a task: firstEdge[task], then nextEdge[e] …; dependency[e] is what it needs
    private var firstEdge: [UInt32] = []
    private var lastEdge: [UInt32] = []
    private var nextEdge: [UInt32] = []
    private var dependency: [UInt32] = []
    // the edges that lead to a task: firstDependent[task], then nextDependent[e] …; needer[e] is who needs it
    private var firstDependent: [UInt32] = []
    private var nextDependent: [UInt32] = []
    private var needer: [UInt32] = []
    private var discovered: UInt32 = 0
    /// Some task is more or less urgent than others by itself.
    private(set) var hasPriorities = false
    /// The most urgent task's priority.
    private(set) var topPriority = -Double.infinity

    var count: Int { kind.count }

    /// Takes a task in. - Precondition: it was not planned before.
    mutating func add(_ task: PlannedTask) {
        let i = task.index.position
        grow(to: i + 1)
        precondition(order[i] == Graph.none, "task \(i) is planned twice")
        kind[i] = task.kind
        family[i] = task.family.raw
        terms[i] = UInt32(task.terms)
        priority[i] = task.priority
        if task.priority != 0 { hasPriorities = true }
        if task.priority > topPriority { topPriority = task.priority }
        order[i] = discovered
        discovered += 1
        add(task.dependencies, to: i)
    }

    /// More that a task needs, known only while it runs.
    mutating func add(_ dependencies: [TaskIndex], to i: Int) {
        for needed in dependencies {
            let e = UInt32(dependency.count), d = needed.position
            grow(to: d + 1)
            dependency.append(needed.raw)
            nextEdge.append(Graph.none)
            if firstEdge[i] == Graph.none { firstEdge[i] = e } else { nextEdge[Int(lastEdge[i])] = e }
            lastEdge[i] = e
            needer.append(UInt32(i))
            nextDependent.append(firstDependent[d])
            firstDependent[d] = e
        }
    }

    private mutating func grow(to n: Int) {
        while kind.count < n {
            kind.append(.broken)
            family.append(0)
            terms.append(0)
            priority.append(0)
            order.append(Graph.none)
            firstEdge.append(Graph.none)
            lastEdge.append(Graph.none)
            firstDependent.append(Graph.none)
        }
    }

    func isPlanned(_ i: Int) -> Bool { order[i] != Graph.none }

    @inline(__always) func forEachDependency(of i: Int, _ body: (Int) -> Void) {
        var e = firstEdge[i]
        while e != Graph.none {
            body(Int(dependency[Int(e)]))
            e = nextEdge[Int(e)]
        }
    }

    @inline(__always) func forEachDependent(of i: Int, _ body: (Int) -> Void) {
        var e = firstDependent[i]
        while e != Graph.none {
            body(Int(needer[Int(e)]))
            e = nextDependent[Int(e)]
        }
    }

    /// What a task needs, in the order in which it named it.
    func dependencies(of i: Int) -> [UInt32] {
        var all: [UInt32] = []
        forEachDependency(of: i) { all.append(UInt32($0)) }
        return all
    }

    /// Every task after all it needs; tasks on or behind a cycle are left out.
    func dependenciesFirst() -> [UInt32] {
        var open = [UInt32](repeating: 0, count: count)
        for i in 0..<count { forEachDependency(of: i) { _ in open[i] += 1 } }
        var sorted: [UInt32] = []
        sorted.reserveCapacity(count)
        for i in 0..<count where open[i] == 0 { sorted.append(UInt32(i)) }
        var next = 0
        while next < sorted.count {
            forEachDependent(of: Int(sorted[next])) { d in
                open[d] -= 1
                if open[d] == 0 { sorted.append(UInt32(d)) }
            }
            next += 1
        }
        return sorted
    }

    /// Some tasks, each after all it needs of them; on a cycle the order is any.
    func dependenciesFirst(among tasks: [Int]) -> [Int] {
        var isOpen = Set(tasks)
        var sorted: [Int] = []
        for root in tasks where isOpen.contains(root) {
            var path: [(task: Int, isDone: Bool)] = [(root, false)]
            while let (task, isDone) = path.popLast() {
                if isDone {
                    sorted.append(task)
                } else if isOpen.remove(task) != nil {
                    path.append((task, true))
                    forEachDependency(of: task) { if isOpen.contains($0) { path.append(($0, false)) } }
                }
            }
        }
        return sorted
    }

    /// Which of these tasks wait for one another in circles, or for such: each of them needs another of them.
    func stuck(among isOpen: [Bool]) -> [Bool] {
        var stuck = isOpen
        var open = [UInt32](repeating: 0, count: count)
        for i in 0..<count where isOpen[i] { forEachDependency(of: i) { if isOpen[$0] { open[i] += 1 } } }
        var free = (0..<count).filter { isOpen[$0] && open[$0] == 0 }
        while let next = free.popLast() {
            stuck[next] = false
            forEachDependent(of: next) { d in
                guard stuck[d] else { return }
                open[d] -= 1
                if open[d] == 0 { free.append(d) }
            }
        }
        return stuck
    }

    /// The cycles among tasks each of which needs another of them; in a cycle each needs the next, the last the first.
    /// Every one of them is part of a cycle, or needs one. Costs a look at each.
    func cycles(among isStuck: [Bool]) -> [[TaskIndex]] {
        var seen = isStuck.map { !$0 }
        var cycles: [[TaskIndex]] = []
        for start in 0..<count where !seen[start] {
            var path: [Int] = []
            var here = start
            // each of them needs another of them, so the walk must meet itself, or a walk before it
            while !seen[here] {
                seen[here] = true
                path.append(here)
                here = firstDependency(of: here) { isStuck[$0] } ?? here
            }
            if let meeting = path.firstIndex(of: here) { cycles.append(path[meeting...].map { TaskIndex($0) }) }
        }
        return cycles
    }

    private func firstDependency(of i: Int, where fits: (Int) -> Bool) -> Int? {
        var e = firstEdge[i]
        while e != Graph.none {
            if fits(Int(dependency[Int(e)])) { return Int(dependency[Int(e)]) }
            e = nextEdge[Int(e)]
        }
        return nil
    }
}
