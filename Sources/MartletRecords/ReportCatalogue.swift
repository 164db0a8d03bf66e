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
    /// Tasks that never got their turn, by id: in the last run that told of them.
    private var unrun: [String: UnrunTask] = [:]

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
                if let task = try UnrunTask(json: line.json) {
                    if task.at > unrun[task.task]?.at ?? .min { unrun[task.task] = task }
                    continue
                }
                if line.json["run"] != nil { continue }
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

    /// Whether no execution is recorded.
    public var isEmpty: Bool { executions.isEmpty }
    /// Whether tasks are recorded that never got their turn.
    public var tellsOfUnrun: Bool { !unrun.isEmpty }

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
                throw ambiguous(text, candidates.map(\.report.task))
            }
        }
        throw Diagnostic(.unknownTask, subject: text)
    }

    /// What was told last of a task that never got its turn; nil when there is nothing.
    public func unrun(_ task: String) -> UnrunTask? { unrun[task] }

    /// Ids of the tasks that a user means, executed or not: by whole id, title, family, shell pattern of these, or an
    /// unambiguous beginning of the id.
    /// - Throws: `.noRecords`, `.unknownTask`, `.ambiguousTask`.
    public func tasks(_ text: String) throws(Diagnostic) -> [String] {
        if isEmpty && unrun.isEmpty { throw Diagnostic(.noRecords, subject: "") }
        if byTask[text] != nil || unrun[text] != nil { return [text] }
        var names = newest.map { [$0.report.task, $0.report.family, $0.report.title] }
        for task in unrun.values.sorted(by: { $0.task < $1.task }) where byTask[task.task] == nil {
            names.append([task.task, task.family, task.title])
        }
        let exact = names.filter { $0.contains(text) }
        if !exact.isEmpty { return exact.map { $0[0] } }
        let fitting = names.filter { $0.contains { fnmatch(text, $0, 0) == 0 } }
        if !fitting.isEmpty { return fitting.map { $0[0] } }
        let beginning = names.map { $0[0] }.filter { $0.hasPrefix(text) }
        if beginning.count == 1 { return beginning }
        if beginning.count > 1 { throw ambiguous(text, beginning) }
        throw Diagnostic(.unknownTask, subject: text, cause: nearest(text, Set(names.joined())))
    }

    /// The names under which runs may claim a recorded task (`martlet.running.claims`): its family and its significant
    /// public parameters in the order of their names, or its id where its class makes that itself. Which parameters are
    /// significant is not recorded but for the title: all are where that follows from them, else those that it names.
    func claimNames(of task: String) -> [String] {
        let report = newest(of: task)?.report
        guard let (family, title, parameters) = report.map({ ($0.family, $0.title, $0.parameters) })
            ?? unrun(task).map({ ($0.family, $0.title, $0.parameters) }), let members = parameters.members
        else { return [task] }
        let sorted = members.sorted { $0.name < $1.name }
        let shown = sorted.filter { title.contains("(\($0.name)=") || title.contains(", \($0.name)=") }
        let names = [sorted, shown].map { ([family] + $0.map { $0.value.string ?? $0.value.text }).joined(separator: "\0") }
        return [task] + names
    }

    /// `did you mean …?`, or nothing when no name is near.
    private func nearest(_ text: String, _ names: Set<String>) -> String {
        let near = names.map { (name: $0, distance: EditDistance.between(text, $0)) }
            .filter { $0.distance <= max(2, text.count / 3) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return near.map { "did you mean \($0.name)?" } ?? ""
    }

    private func ambiguous(_ text: String, _ candidates: [String]) -> Diagnostic {
        let shown = candidates.prefix(3).joined(separator: ", ")
        return Diagnostic(
            .ambiguousTask, subject: text,
            cause: candidates.count > 3 ? "\(shown) and \(candidates.count - 3) more" : shown)
    }

    /// The newest executions whose task id, family or title fits a shell pattern (`*`, `?`, `[…]`).
    public func matching(_ pattern: String) -> [CatalogueEntry] {
        newest.filter { entry in
            let names: [String] = [entry.report.task, entry.report.family, entry.report.title]
            return names.contains { (name: String) in fnmatch(pattern, name, 0) == 0 }
        }
    }
}
