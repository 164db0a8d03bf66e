import MartletModel
import MartletSystem

/// Which task named which local path first, so that a second task that names it is noticed.
///
/// Keeps no path: eight bytes of each, in a table that is half to four fifths full. Two paths are taken for one by
/// chance once in 2^32 pairs, so whoever asks for `take()` compares the paths themselves.
public struct OutputClaims {
    private var marks = PathMarks()
    /// Upper half: of the path's mark; lower half: the task's number, one more. 0: free.
    private var slots: [UInt64] = []
    private var used = 0
    private var shared: [Int32] = []

    public init() {}

    public mutating func claim(_ path: UnsafeRawBufferPointer, by task: TaskIndex) {
        if used * 5 >= slots.count * 4 { grow() }
        let claim = marks.mark(of: path) & ~0xffff_ffff | (UInt64(task.raw) + 1)
        let place = place(of: claim)
        let before = slots[place]
        if before == 0 {
            slots[place] = claim
            used += 1
        } else if before != claim {
            shared.append(Int32(truncatingIfNeeded: before & 0xffff_ffff) - 1)
            shared.append(Int32(bitPattern: task.raw))
        }
    }

    /// Pairs of tasks, first the one that named the path first, that (nearly certainly) name one path; each pair once.
    public mutating func take() -> [Int32] {
        defer { shared = [] }
        return shared
    }

    /// Where this path's claim stands, or the free place for it.
    private func place(of claim: UInt64) -> Int {
        var place = Int(((claim >> 32) &* UInt64(slots.count)) >> 32)
        while slots[place] != 0 && slots[place] >> 32 != claim >> 32 {
            place += 1
            if place == slots.count { place = 0 }
        }
        return place
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: max(1024, old.count + old.count / 2))
        for claim in old where claim != 0 { slots[place(of: claim)] = claim }
    }
}
