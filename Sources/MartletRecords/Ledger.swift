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

    /// - Parameter directory: made at the first intention.
    public init(directory: String, header: SegmentHeader) {
        self.directory = directory
        writer = SegmentWriter(directory: directory, header: header.of(kind: .ledger))
    }

    public func intend(_ entries: [LedgerEntry]) throws(Diagnostic) {
        if entries.isEmpty { return }
        _ = try writer.append(
            lines: entries.map { entry in
                Ledger.members(["intend": entry.tag, "system": entry.system, "subject": entry.subject])
            })
        try writer.settle()
    }

    public func submitted(tag: String, as job: JobID) throws(Diagnostic) {
        _ = try writer.append(Ledger.members(["submitted": tag, "job": job.raw]))
    }

    public func closed(tag: String, how: String) throws(Diagnostic) {
        _ = try writer.append(Ledger.members(["closed": tag, "how": how]))
    }

    public func open() throws(Diagnostic) -> [OpenJob] {
        damage = []
        var entries: [LedgerEntry] = []
        var jobs: [String: JobID] = [:]
        var closed: Set<String> = []
        for segment in try segments() {
            damage += segment.damage
            for line in segment.lines {
                if let tag = line.json["intend"]?.string {
                    entries.append(
                        LedgerEntry(
                            tag: tag, system: line.json["system"]?.string ?? "",
                            subject: line.json["subject"]?.string ?? ""))
                } else if let tag = line.json["submitted"]?.string, let job = line.json["job"]?.string {
                    jobs[tag] = JobID(job)
                } else if let tag = line.json["closed"]?.string {
                    closed.insert(tag)
                } else {
                    damage.append(Diagnostic(.recordMalformed, subject: "\(segment.path), record \(line.number)"))
                }
            }
        }
        return entries.filter { !closed.contains($0.tag) }.map { OpenJob(entry: $0, job: jobs[$0.tag]) }
    }

    /// All segments, in the order in which their drivers began.
    private func segments() throws(Diagnostic) -> [Segment] {
        var segments: [Segment] = []
        for path in try SegmentReader.segments(in: directory) { segments.append(try SegmentReader.read(path)) }
        return segments.sorted { ($0.header?.started ?? 0, $0.path) < ($1.header?.started ?? 0, $1.path) }
    }

    private static func members(_ fields: KeyValuePairs<String, String>) -> [UInt8] {
        var writer = JSONWriter(reserving: 128)
        for (name, value) in fields {
            writer.name(name)
            writer.string(value)
        }
        return writer.bytes
    }
}
