import Glibc
import MartletModel
import MartletSystem

/// A report and where it stands.
public struct CatalogueEntry: Equatable, Sendable {
    public var report: Report
    /// Path of the segment file.
    public var segment: String
    /// The report's number in it, from 1.
    public var number: UInt64
}

/// Every report in a directory of segments, by task.
public struct ReportCatalogue: Sendable {
    /// All executions, in the order in which they started.
    public private(set) var executions: [CatalogueEntry] = []
    /// Headers by segment path, for what its reports have in common.
    public private(set) var headers: [String: SegmentHeader] = [:]
    /// What could not be used: damaged lines, segments of a newer format.
    public private(set) var damage: [Diagnostic] = []
    /// Positions in `executions` by task id, the newest last.
    private var byTask: [String: [Int]] = [:]

    /// Reads all segments of a directory; an absent directory is an empty catalogue.
    /// - Throws: `.recordUnreadable`.
    public init(directory: String) throws(Diagnostic) {
        for path in try SegmentReader.segments(in: directory) {
            do throws(Diagnostic) {
                take(try SegmentReader.read(path))
            } catch {
                // a newer version's segment beside ours is told of and leaves the others usable
                guard error.code == .recordNewerFormat else { throw error }
                damage.append(error)
            }
        }
        executions.sort { a, b in
            (a.report.execution.start, a.segment, a.number, a.report.task)
                < (b.report.execution.start, b.segment, b.number, b.report.task)
        }
        for (i, entry) in executions.enumerated() { byTask[entry.report.task, default: []].append(i) }
    }

    private mutating func take(_ segment: Segment) {
        damage += segment.damage
        headers[segment.path] = segment.header
        for line in segment.lines {
            do throws(Report.Malformed) {
                for report in try Report(json: line.json).parts {
                    executions.append(CatalogueEntry(report: report, segment: segment.path, number: line.number))
                }
            } catch {
                damage.append(
                    Diagnostic(
                        .recordMalformed, subject: "\(segment.path), record \(line.number)",
                        cause: "member \"\(error.member)\""))
            }
        }
    }

    public var isEmpty: Bool { executions.isEmpty }

    /// The newest execution of every task, in the order in which they started.
    public var newest: [CatalogueEntry] {
        byTask.values.compactMap(\.last).sorted().map { executions[$0] }
    }

    /// The newest execution of a task; nil when it was never recorded.
    public func newest(of task: String) -> CatalogueEntry? { byTask[task]?.last.map { executions[$0] } }

    /// All executions of a task, oldest first.
    public func history(of task: String) -> [CatalogueEntry] { (byTask[task] ?? []).map { executions[$0] } }

    /// The newest execution of the one task that a user means: its whole id, its title, or an unambiguous beginning of
    /// the id.
    /// - Throws: `.noRecords`, `.unknownTask`, `.ambiguousTask` with some of the candidates as its cause.
    public func find(_ text: String) throws(Diagnostic) -> CatalogueEntry {
        if isEmpty { throw Diagnostic(.noRecords, subject: "") }
        if let exact = newest(of: text) { return exact }
        let latest = newest
        for candidates in [latest.filter { $0.report.title == text }, latest.filter { $0.report.task.hasPrefix(text) }]
        {
            if candidates.count == 1 { return candidates[0] }
            if candidates.count > 1 {
                let shown = candidates.prefix(3).map(\.report.task).joined(separator: ", ")
                throw Diagnostic(
                    .ambiguousTask, subject: text,
                    cause: candidates.count > 3 ? "\(shown) and \(candidates.count - 3) more" : shown)
            }
        }
        throw Diagnostic(.unknownTask, subject: text)
    }

    /// The newest executions whose task id, family or title fits a shell pattern (`*`, `?`, `[…]`).
    public func matching(_ pattern: String) -> [CatalogueEntry] {
        newest.filter { entry in
            let names: [String] = [entry.report.task, entry.report.family, entry.report.title]
            return names.contains { (name: String) in fnmatch(pattern, name, 0) == 0 }
        }
    }
}
