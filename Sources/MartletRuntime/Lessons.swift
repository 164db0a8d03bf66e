/// What workers are told of tasks that were planned after their processes were forked: bytes that only the Python side
/// understands, in order. A worker that has learnt the first n of them knows every task they speak of.
struct Lessons {
    private var dropped = 0
    private var kept: [[UInt8]] = []

    /// How many there were so far.
    var count: Int { dropped + kept.count }

    mutating func add(_ lesson: [UInt8]) { kept.append(lesson) }

    /// Those that follow the first `known`.
    func after(_ known: Int) -> ArraySlice<[UInt8]> { kept.dropFirst(known - dropped) }

    /// Forgets the first `known`: everybody who may be asked to run something has learnt them, or was forked later.
    mutating func drop(_ known: Int) {
        guard known > dropped else { return }
        kept.removeFirst(known - dropped)
        dropped = known
    }
}
