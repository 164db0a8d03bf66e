/// Requests that wait for their time, the earliest first: a binary heap.
struct DelayQueue {
    private struct Entry {
        var due: UInt64
        var index: Int
        var place: Int
    }
    private var heap: [Entry] = []

    var isEmpty: Bool { heap.isEmpty }
    /// The earliest time.
    var first: UInt64? { heap.first?.due }

    mutating func add(_ index: Int, _ place: Int, due: UInt64) {
        heap.append(Entry(due: due, index: index, place: place))
        var child = heap.count - 1
        while child > 0, heap[child].due < heap[(child - 1) / 2].due {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next(at now: UInt64) -> (index: Int, place: Int)? {
        guard let first = heap.first, first.due <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { heap[$0].due < heap[$1].due }), heap[least].due < heap[parent].due else {
                break
            }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.index, first.place)
    }

    /// Takes out everything that belongs to a place.
    mutating func takeAll(_ place: Int) -> [Int] {
        let taken = heap.filter { $0.place == place }.map(\.index)
        let kept = heap.filter { $0.place != place }
        heap = []
        for entry in kept { add(entry.index, entry.place, due: entry.due) }
        return taken
    }
}
