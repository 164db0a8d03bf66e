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
    private(set) var count = 0

    mutating func insert(_ entry: Entry, requirement: Int) {
        while heaps.count <= requirement { heaps.append([]) }
        heaps[requirement].append(entry)
        siftUp(requirement)
        count += 1
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

    func count(where fits: (Int) -> Bool) -> Int {
        heaps.indices.reduce(0) { fits($1) ? $0 + heaps[$1].count : $0 }
    }

    mutating func removeBest(of requirement: Int) {
        count -= 1
        let last = heaps[requirement].removeLast()
        if !heaps[requirement].isEmpty {
            heaps[requirement][0] = last
            siftDown(requirement)
        }
    }

    mutating func removeAll() -> [UInt32] {
        defer { heaps = []; count = 0 }
        return heaps.flatMap { $0.map(\.task) }
    }

    private mutating func siftUp(_ r: Int) {
        var child = heaps[r].count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heaps[r][parent] < heaps[r][child] else { return }
            heaps[r].swapAt(parent, child)
            child = parent
        }
    }

    private mutating func siftDown(_ r: Int) {
        var parent = 0
        let n = heaps[r].count
        while true {
            var largest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < n && heaps[r][largest] < heaps[r][child] {
                largest = child
            }
            guard largest != parent else { return }
            heaps[r].swapAt(parent, largest)
            parent = largest
        }
    }
}
