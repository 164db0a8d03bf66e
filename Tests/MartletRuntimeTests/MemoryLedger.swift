import MartletModel
import MartletPorts

/// Keeps entries in memory; refuses to write when told to.
final class MemoryLedger: SubmissionLedger {
    var entries: [LedgerEntry] = []
    var ids: [String: [Int: JobID]] = [:]
    /// How each task of each submission was closed, by element and place in its slice.
    var ends: [String: [Int: [Int: String]]] = [:]
    /// How each pilot of each submission ended.
    var pilots: [String: [Int: String]] = [:]
    var damage: [Diagnostic] = []
    var closedTries: [String: ClosedTries] { ClosedTries.all(of: told, among: entries) }
    private var told: [String: [[String: JobTries]]] = [:]
    /// Calls by name that fail: "intend", "extend", "accepted", "closed"; "sync": an extension is written, and then fails.
    var failing: Set<String> = []

    /// A call that fails once, after so many that did not.
    var failsAfter: (call: String, count: Int)?

    private func write(_ call: String) throws(Diagnostic) {
        if let (name, count) = failsAfter, name == call {
            failsAfter = count > 0 ? (name, count - 1) : nil
            if count == 0 { throw Diagnostic(.recordUnwritable, subject: "ledger", cause: "No space left on device") }
        }
        if failing.contains(call) { throw Diagnostic(.recordUnwritable, subject: "ledger", cause: "No space left on device") }
    }
    func intend(_ new: [LedgerEntry]) throws(Diagnostic) {
        try write("intend")
        entries += new
    }
    func extend(tag: String, from first: Int, _ slices: LedgerSlices) throws(Diagnostic) {
        try write("extend")
        guard let place = entries.firstIndex(where: { $0.tag == tag }) else { return }
        let before = entries[place].elements.prefix(first)
        entries[place].slices.elements = before + Array(repeating: [], count: first - before.count) + slices.elements
        for (one, others) in slices.followers {
            entries[place].slices.followers[LedgerSlices.Place(first + one.element, one.position)] = others
        }
        entries[place].slices.tries.merge(slices.tries) { $1 }
        try write("sync")
    }
    func accepted(tag: String, _ new: [Int: JobID]) throws(Diagnostic) {
        try write("accepted")
        ids[tag, default: [:]].merge(new) { $1 }
    }
    func closed(tag: String, _ closed: [LedgerEnd]) throws(Diagnostic) {
        try write("closed")
        guard let entry = entries.first(where: { $0.tag == tag }) else { return }
        for end in closed {
            if !end.tries.isEmpty { told[tag, default: []].append(end.tries) }
            if end.isPilot {
                pilots[tag, default: [:]][end.element] = end.how
                continue
            }
            let positions = end.position.map { [$0] } ?? Array(entry.elements[end.element].indices)
            for position in positions { ends[tag, default: [:]][end.element, default: [:]][position] = end.how }
        }
    }
    func forget(tag: String, _ tasks: [String]) throws(Diagnostic) {
        try write("forget")
        told[tag, default: []].append(Dictionary(uniqueKeysWithValues: tasks.map { ($0, JobTries()) }))
    }
    func open() throws(Diagnostic) -> [OpenSubmission] {
        entries.compactMap { entry in
            var open: [Int: [Int]] = [:]
            for (element, slice) in entry.elements.enumerated() {
                let left = slice.indices.filter { ends[entry.tag]?[element]?[$0] == nil }
                if !left.isEmpty { open[element] = left }
            }
            if open.isEmpty { return nil }
            return OpenSubmission(
                entry: entry, ids: ids[entry.tag] ?? [:], open: open,
                endedPilots: Set((pilots[entry.tag] ?? [:]).keys))
        }
    }
    /// How the tasks of a submission were closed, in order.
    func how(_ tag: String) -> [String] {
        (ends[tag] ?? [:]).sorted { $0.key < $1.key }.flatMap { $0.value.sorted { $0.key < $1.key }.map(\.value) }
    }
}
