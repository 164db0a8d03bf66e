import MartletModel
import MartletPorts
import MartletSystem

/// Intentions and submissions of jobs, in segments like those of reports.
///
/// A tag is used once for ever, so the order of lines across segments is of no matter: a tag that any segment closes
/// is closed. Not safe for use by two threads at once.
public final class Ledger: SubmissionLedger {
    private let directory: String
    private let writer: SegmentWriter
    public private(set) var damage: [Diagnostic] = []
    public private(set) var closedTries: [String: ClosedTries] = [:]

    /// - Parameter directory: made at the first intention.
    public convenience init(directory: String, header: SegmentHeader) {
        self.init(directory: directory, writer: SegmentWriter(directory: directory, header: header.of(kind: .ledger)))
    }

    package init(directory: String, writer: SegmentWriter) {
        self.directory = directory
        self.writer = writer
    }

    public func intend(_ entries: [LedgerEntry]) throws(Diagnostic) {
        if entries.isEmpty { return }
        _ = try writer.append(lines: entries.map(LedgerLine.intention))
        try writer.settle()
    }

    public func extend(tag: String, from first: Int, _ slices: LedgerSlices) throws(Diagnostic) {
        _ = try writer.append(LedgerLine.addition(tag, first, slices))
        try writer.settle()
    }

    public func accepted(tag: String, _ ids: [Int: JobID]) throws(Diagnostic) {
        _ = try writer.append(LedgerLine.acceptance(tag, ids))
    }

    public func closed(tag: String, _ ends: [LedgerEnd]) throws(Diagnostic) {
        _ = try writer.append(LedgerLine.closing(tag, ends, tries: Dictionary(ends.lazy.flatMap(\.tries)) { $1 }))
    }

    public func forget(tag: String, _ tasks: [String]) throws(Diagnostic) {
        let none = Dictionary(tasks.map { ($0, JobTries()) }) { $1 }
        _ = try writer.append(LedgerLine.closing(tag, [], tries: none))
    }

    public func open() throws(Diagnostic) -> [OpenSubmission] {
        damage = []
        var entries: [LedgerEntry] = []
        var ids: [String: [Int: JobID]] = [:]
        var closed: [String: ClosedParts] = [:]
        var added: [String: [(first: Int, slices: LedgerSlices)]] = [:]
        var told: [String: [[String: JobTries]]] = [:]
        for segment in try segments() {
            damage += segment.damage
            for line in segment.lines {
                switch LedgerLine(line.json) {
                case .intended(let entry): entries.append(entry)
                case .extended(let tag, let first, let slices): added[tag, default: []].append((first, slices))
                case .accepted(let tag, let some): ids[tag, default: [:]].merge(some) { $1 }
                case .closed(let tag, let ends, let tries):
                    closed[tag, default: ClosedParts()].add(ends)
                    if !tries.isEmpty { told[tag, default: []].append(tries) }
                case nil: damage.append(Diagnostic(.recordMalformed, subject: "\(segment.path), record \(line.number)"))
                }
            }
        }
        for i in entries.indices {
            for more in added[entries[i].tag] ?? [] { entries[i].slices.add(more.slices, from: more.first) }
        }
        closedTries = ClosedTries.all(of: told, among: entries)
        return entries.compactMap { entry in
            let closed = closed[entry.tag] ?? ClosedParts(), open = closed.rest(of: entry)
            if open.isEmpty { return nil }
            return OpenSubmission(entry: entry, ids: ids[entry.tag] ?? [:], open: open, endedPilots: closed.pilots)
        }
    }

    /// All segments, in the order in which their drivers began.
    private func segments() throws(Diagnostic) -> [Segment] {
        var segments: [Segment] = []
        for path in try SegmentReader.segments(in: directory) { segments.append(try SegmentReader.read(path)) }
        return segments.sorted { ($0.header?.started ?? 0, $0.path) < ($1.header?.started ?? 0, $1.path) }
    }
}

/// What is closed of one submission.
private struct ClosedParts {
    private var isWhole = false
    private var elements: Set<Int> = []
    private var tasks: [Int: Set<Int>] = [:]
    private(set) var pilots: Set<Int> = []

    /// - Parameter ends: nil: everything.
    mutating func add(_ ends: [LedgerEnd]?) {
        guard let ends else { return isWhole = true }
        for end in ends {
            if end.isPilot {
                pilots.insert(end.element)
            } else if let position = end.position {
                tasks[end.element, default: []].insert(position)
            } else {
                elements.insert(end.element)
            }
        }
    }

    /// The places of open tasks, by element.
    func rest(of entry: LedgerEntry) -> [Int: [Int]] {
        if isWhole { return [:] }
        var open: [Int: [Int]] = [:]
        for (element, slice) in entry.elements.enumerated() where !elements.contains(element) {
            let closed = tasks[element] ?? []
            let left = slice.indices.filter { !closed.contains($0) }
            if !left.isEmpty { open[element] = left }
        }
        return open
    }
}

extension LedgerSlices {
    /// - Parameter first: more than there are so far when a record was lost: of the slices between nothing is known. Fewer
    ///   when a record was written that could not be forced to disk, so that no pilot was told of it: the next one counts.
    fileprivate mutating func add(_ more: LedgerSlices, from first: Int) {
        if elements.count > first {
            elements.removeLast(elements.count - first)
            followers = followers.filter { $0.key.element < first }
        }
        while elements.count < first { elements.append([]) }
        elements += more.elements
        for (place, others) in more.followers { followers[Place(first + place.element, place.position)] = others }
        tries.merge(more.tries) { $1 }
    }
}
