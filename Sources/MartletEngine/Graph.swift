import MartletModel

/// The tasks of a run and who needs whom, as columns: a task costs some fifty bytes, an edge twelve.
///
/// Written once while planning. Dependents are kept as linked lists through the edges, so that adding is cheap and
/// nothing is sorted.
struct Graph {
    static let none = UInt32.max

    private(set) var kind: [PlannedTask.Kind] = []
    private(set) var family: [UInt32] = []
    private(set) var requirement: [UInt32] = []
    /// Discovery number; `none` for a task that was only named as a dependency.
    private(set) var order: [UInt32] = []
    var priority: [Double] = []

    // edge e of a task leads to dependencies[e]
    private var firstEdge: [UInt32] = []
    private var edgeCount: [UInt32] = []
    private(set) var dependencies: [UInt32] = []
    // the edges that lead to a task: firstDependent[task], then nextDependent[e] …; needer[e] is who needs it
    private var firstDependent: [UInt32] = []
    private var nextDependent: [UInt32] = []
    private var needer: [UInt32] = []
    private var discovered: UInt32 = 0

    var count: Int { kind.count }

    /// Takes a task in. - Precondition: it was not planned before.
    mutating func add(_ task: PlannedTask) {
        let i = task.index.position
        grow(to: i + 1)
        precondition(order[i] == Graph.none, "task \(i) is planned twice")
        kind[i] = task.kind
        family[i] = task.family.raw
        requirement[i] = UInt32(task.requirement)
        priority[i] = task.priority
        order[i] = discovered
        discovered += 1
        firstEdge[i] = UInt32(dependencies.count)
        edgeCount[i] = UInt32(task.dependencies.count)
        for dependency in task.dependencies {
            let e = UInt32(dependencies.count), d = dependency.position
            grow(to: d + 1)
            dependencies.append(dependency.raw)
            needer.append(task.index.raw)
            nextDependent.append(firstDependent[d])
            firstDependent[d] = e
        }
    }

    private mutating func grow(to n: Int) {
        while kind.count < n {
            kind.append(.broken)
            family.append(0)
            requirement.append(0)
            priority.append(0)
            order.append(Graph.none)
            firstEdge.append(0)
            edgeCount.append(0)
            firstDependent.append(Graph.none)
        }
    }

    func isPlanned(_ i: Int) -> Bool { order[i] != Graph.none }

    @inline(__always) func forEachDependency(of i: Int, _ body: (Int) -> Void) {
        let from = Int(firstEdge[i])
        for e in from..<from + Int(edgeCount[i]) { body(Int(dependencies[e])) }
    }

    @inline(__always) func forEachDependent(of i: Int, _ body: (Int) -> Void) {
        var e = firstDependent[i]
        while e != Graph.none {
            body(Int(needer[Int(e)]))
            e = nextDependent[Int(e)]
        }
    }

    func dependencies(of i: Int) -> ArraySlice<UInt32> {
        dependencies[Int(firstEdge[i])..<Int(firstEdge[i]) + Int(edgeCount[i])]
    }

    /// Every task after all it needs; tasks on or behind a cycle are left out.
    func dependenciesFirst() -> [UInt32] {
        var open = edgeCount
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

    /// A cycle among the tasks that `dependenciesFirst` left out: each needs the next, the last the first.
    func cycle(leftOutOf sorted: [UInt32]) -> [TaskIndex] {
        var inOrder = [Bool](repeating: false, count: count)
        for i in sorted { inOrder[Int(i)] = true }
        guard var here = inOrder.firstIndex(of: false) else { return [] }
        var place: [Int: Int] = [:]
        var path: [Int] = []
        // each task left out needs another that is left out, so the walk must meet itself
        while place[here] == nil {
            place[here] = path.count
            path.append(here)
            here = dependencies(of: here).map(Int.init).first { !inOrder[$0] } ?? here
        }
        return path[place[here]!...].map { TaskIndex($0) }
    }
}
