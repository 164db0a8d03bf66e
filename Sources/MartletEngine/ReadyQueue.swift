/// Tasks that could start now, best first: larger priority, then earlier discovery.
///
/// One binary heap for each requirement, so that a task whose resources are taken does not stand in the way of one
/// that fits. Adding and taking cost O(log n), and a look at each requirement that is in use.
struct ReadyQueue {
    struct Entry: Comparable {
        var priority: Double
        var order: UInt32
        var task: UInt32
        /// "Less" is "runs later".
        static func < (a: Entry, b: Entry) -> Bool {
            a.priority != b.priority ? a.priority < b.priority : a.order > b.order
        }
    }

    private var heaps: [[Entry]] = []
    /// Tasks that may run as one, by group. In the heap of their requirement each group stands by its best task; where a
    /// better one came, or the task was taken along with another, an entry there is stale and never at the top.
    private var groups: [Int: [Entry]] = [:]
    private var groupOf: [UInt32: Int] = [:]
    private(set) var count = 0

    mutating func insert(_ entry: Entry, requirement: Int, group: Int? = nil) {
        while heaps.count <= requirement { heaps.append([]) }
        count += 1
        if let group {
            groupOf[entry.task] = group
            groups[group, default: []].push(entry)
            guard groups[group]!.first!.task == entry.task else { return }
        }
        heaps[requirement].push(entry)
    }

    /// The best task among the requirements that `fits` accepts, left in the queue; its requirement with it.
    func best(where fits: (Int) -> Bool) -> (entry: Entry, requirement: Int)? {
        var found: (entry: Entry, requirement: Int)?
        for (r, heap) in heaps.enumerated() {
            guard let top = heap.first, fits(r), found.map({ $0.entry < top }) ?? true else { continue }
            found = (top, r)
        }
        return found
    }

    /// Some of the tasks whose requirement `fits` accepts: the best first, the others nearly in order.
    func some(_ most: Int, where fits: (Int) -> Bool) -> [UInt32] {
        var found: [UInt32] = []
        for (r, heap) in heaps.enumerated() where found.count < most && fits(r) {
            found += heap.prefix(most - found.count).map(\.task)
        }
        return found
    }

    func count(where fits: (Int) -> Bool) -> Int {
        heaps.indices.reduce(0) { fits($1) ? $0 + heaps[$1].count : $0 }
    }

    /// Takes the best task of a requirement out, and with it those of its group that may run as one with it.
    /// - Parameter most: how many tasks at most.
    /// - Returns: those that were taken along, best first.
    mutating func removeBest(of requirement: Int, most: Int = 1) -> [UInt32] {
        let best = heaps[requirement].pop()
        count -= 1
        guard !groupOf.isEmpty, let group = groupOf[best.task] else { return [] }
        var taken: [UInt32] = []
        groupOf[best.task] = nil
        _ = groups[group]!.pop()
        while taken.count + 1 < most, !groups[group]!.isEmpty {
            let next = groups[group]!.pop().task
            groupOf[next] = nil
            taken.append(next)
        }
        count -= taken.count
        if let next = groups[group]!.first { heaps[requirement].push(next) } else { groups[group] = nil }
        while let top = heaps[requirement].first, !leads(top.task) { _ = heaps[requirement].pop() }
        return taken
    }

    /// Whether a task is the best of its group.
    private func leads(_ task: UInt32) -> Bool { groupOf[task].map { groups[$0]?.first?.task == task } ?? false }

    mutating func removeAll() {
        heaps = []
        groups = [:]
        groupOf = [:]
        count = 0
    }

    /// Takes in that tasks have become more urgent. Costs a look at every task that is ready.
    mutating func reorder(by priority: (UInt32) -> Double) {
        for r in heaps.indices {
            guard let top = heaps[r].first else { continue }
            if let group = groupOf[top.task] {
                groups[group]!.reorder(by: priority)
                heaps[r] = [groups[group]!.first!]
            } else {
                heaps[r].reorder(by: priority)
            }
        }
    }
}

/// A binary heap with the largest element first.
extension [ReadyQueue.Entry] {
    fileprivate mutating func reorder(by priority: (UInt32) -> Double) {
        let entries = self
        removeAll(keepingCapacity: true)
        for var entry in entries {
            entry.priority = priority(entry.task)
            push(entry)
        }
    }

    fileprivate mutating func push(_ entry: Element) {
        append(entry)
        var child = count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard self[parent] < self[child] else { return }
            swapAt(parent, child)
            child = parent
        }
    }

    fileprivate mutating func pop() -> Element {
        let best = self[0], last = removeLast()
        if !isEmpty {
            self[0] = last
            siftDown()
        }
        return best
    }

    private mutating func siftDown() {
        withUnsafeMutableBufferPointer { heap in
            var parent = 0
            while true {
                let left = 2 * parent + 1, right = left + 1
                var largest = parent
                if left < heap.count && heap[largest] < heap[left] { largest = left }
                if right < heap.count && heap[largest] < heap[right] { largest = right }
                guard largest != parent else { return }
                heap.swapAt(parent, largest)
                parent = largest
            }
        }
    }
}
