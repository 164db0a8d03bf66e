import Glibc
import MartletModel
import MartletSystem

/// A report and where it stands.
public struct CatalogueEntry: Equatable, Sendable {
    public var report: Report
    public var glance: ExecutionGlance
    /// Path of the file that holds its segment.
    public var path: String
}

/// Every report in a directory of segments, by task: as they were when the catalogue was made.
///
/// Questions that the index answers cost milliseconds whatever there is; whole reports are read from their segments.
/// Everything throws `.recordUnreadable` where the segments cannot be read.
public final class ReportCatalogue {
    public let directory: String
    let index: RecordIndex
    /// What could not be used: damaged lines, segments of a newer format.
    public private(set) var damage: [Diagnostic] = []
    /// Whether no execution is recorded.
    public private(set) var isEmpty = true
    /// Whether tasks are recorded that never got their turn.
    public private(set) var tellsOfUnrun = false

    /// Reads what is new since the index was used last; an absent directory is an empty catalogue.
    /// - Parameter place: of the index; nil for one in memory.
    public init(directory: String, place: IndexPlace? = nil) throws(Diagnostic) {
        self.directory = directory
        index = try RecordIndex(directory: directory, place: place)
        (damage, isEmpty, tellsOfUnrun) = try index.ask { database throws in
            (
                try ReportCatalogue.damage(database),
                try database.integer("SELECT 1 FROM task LIMIT 1") == nil,
                try database.integer("SELECT 1 FROM unrun LIMIT 1") != nil
            )
        }
    }

    /// Whether what was read is kept for the next process.
    public var isKept: Bool { index.isKept }

    private static func damage(_ database: Database) throws(Database.Failure) -> [Diagnostic] {
        var damage: [Diagnostic] = []
        let all = try database.prepare(
            "SELECT d.code, d.subject, d.cause FROM damage d JOIN file f ON f.id = d.file ORDER BY f.name, d.at")
        while try all.next() {
            guard let code = Diagnostic.Code(rawValue: all.text(0)) else { continue }
            damage.append(Diagnostic(code, subject: all.text(1), cause: all.text(2)))
        }
        return damage
    }

    // MARK: executions

    /// All executions in the order in which they started.
    public func executions() throws(Diagnostic) -> [ExecutionGlance] {
        try index.ask { database throws in
            try ExecutionGlance.all(
                database.prepare(ExecutionGlance.selection + " ORDER BY e.start, s.name, e.number, t.name"))
        }
    }

    /// The newest execution of every task whose id, family or title fits a shell pattern (`*`, `?`, `[…]`), in the order in
    /// which they started.
    /// - Parameter failed: only those that failed.
    public func newest(
        fitting pattern: String = "*", failed: Bool = false
    ) throws(Diagnostic) -> [ExecutionGlance] {
        try glances(ExecutionGlance.newest + (failed ? " AND e.outcome = 0" : ""), fitting: pattern)
    }

    private func glances(_ selection: String, fitting pattern: String) throws(Diagnostic) -> [ExecutionGlance] {
        try index.ask { database throws in
            let fitting = pattern == "*" ? "" : " AND (fits(?1, t.name) OR fits(?1, t.family) OR fits(?1, t.title))"
            let statement = try database.prepare(selection + fitting + " ORDER BY e.start, s.name, e.number, t.name")
            if pattern != "*" { statement.bind(1, pattern) }
            return try ExecutionGlance.all(statement)
        }
    }

    /// Executions of the tasks whose id, family or title fits a shell pattern, in the order in which they started.
    /// - Parameters:
    ///   - failed: only those that failed.
    ///   - all: every execution, not only the newest of each task.
    public func executions(
        fitting pattern: String, failed: Bool, all: Bool
    ) throws(Diagnostic) -> [ExecutionGlance] {
        if !all { return try newest(fitting: pattern, failed: failed) }
        return try executions().filter { glance in
            let names: [String] = [glance.task, glance.family, glance.title]
            return (!failed || glance.outcome == .failed) && names.contains { (name: String) in fnmatch(pattern, name, 0) == 0 }
        }
    }

    /// The newest execution of a task; nil when it was never recorded.
    public func newest(of task: String) throws(Diagnostic) -> ExecutionGlance? { try newest(of: [task])[0] }

    /// The newest executions of many tasks, in their order; nil for those that were never recorded.
    public func newest(of tasks: [String]) throws(Diagnostic) -> [ExecutionGlance?] {
        try index.ask { database throws in
            let statement = try database.prepare(ExecutionGlance.newest + " AND t.name = ?1")
            return try tasks.map { task in try ExecutionGlance.all(statement.bind(1, task)).first }
        }
    }

    /// The newest execution of each task that ended well, of tasks whose id, family or title fits a shell pattern.
    func successes(fitting pattern: String = "*") throws(Diagnostic) -> [ExecutionGlance] {
        try glances(ExecutionGlance.newestDone, fitting: pattern)
    }

    /// All executions of a task, oldest first.
    public func history(of task: String) throws(Diagnostic) -> [ExecutionGlance] {
        try index.ask { database throws in
            let statement = try database.prepare(
                ExecutionGlance.selection + " WHERE t.name = ?1 ORDER BY e.moment, s.name, e.number")
            return try ExecutionGlance.all(statement.bind(1, task))
        }
    }

    /// The whole report.
    /// - Throws: `.recordDamaged` when its line has been damaged since it was read.
    public func report(of glance: ExecutionGlance) throws(Diagnostic) -> Report { try reports(of: [glance])[0] }

    /// The whole reports of many executions, in their order.
    /// - Throws: as `report(of:)`.
    public func reports(of glances: [ExecutionGlance]) throws(Diagnostic) -> [Report] {
        var files = OpenSegments(directory)
        var reports: [Report] = []
        for glance in glances {
            let json = try record(of: glance, &files)
            var part: Report?
            do throws(Report.Malformed) {
                part = try Report(json: json).parts.first { $0.task == glance.task }
            } catch { throw damaged(glance) }
            guard let part else { throw damaged(glance) }
            reports.append(part)
        }
        return reports
    }

    public func entry(_ glance: ExecutionGlance) throws(Diagnostic) -> CatalogueEntry {
        CatalogueEntry(report: try report(of: glance), glance: glance, path: path(of: glance))
    }

    /// The record as it stands in its segment.
    func record(of glance: ExecutionGlance) throws(Diagnostic) -> JSON {
        var files = OpenSegments(directory)
        return try record(of: glance, &files)
    }

    /// - Parameter files: kept for the next one.
    func record(of glance: ExecutionGlance, _ files: inout OpenSegments) throws(Diagnostic) -> JSON {
        if let found = try record(at: glance.place, of: glance, &files) { return found }
        // merged into another file since
        try index.renew()
        let place = try history(of: glance.task).first { ($0.segment, $0.number) == (glance.segment, glance.number) }?.place
        if let place, let found = try record(at: place, of: glance, &files) { return found }
        throw damaged(glance)
    }

    /// Path of the file that holds an execution's record.
    public func path(of glance: ExecutionGlance) -> String { "\(directory)/\(glance.place.file)" }

    /// nil when it is not there, or not whole.
    private func record(
        at place: LinePlace, of glance: ExecutionGlance, _ files: inout OpenSegments
    ) throws(Diagnostic) -> JSON? {
        do throws(SystemError) {
            guard let record = try files.record(at: place), record.number == glance.number else { return nil }
            return record.json
        } catch {
            if error.code == ENOENT { return nil }
            throw Diagnostic(.recordUnreadable, subject: path(of: glance), cause: error.text)
        }
    }

    private func damaged(_ glance: ExecutionGlance) -> Diagnostic {
        Diagnostic(.recordDamaged, subject: "\(path(of: glance)), record \(glance.number)")
    }

    // MARK: tasks that never got their turn

    /// What was told last of a task that never got its turn, and when that was among the moments of executions; nil when
    /// there is nothing.
    func unrun(_ task: String) throws(Diagnostic) -> (task: UnrunTask, moment: Int64)? {
        try index.ask { database throws in
            let statement = try database.prepare("SELECT json, moment FROM unrun WHERE task = ?1").bind(1, task)
            return try ReportCatalogue.unrun(statement).first
        }
    }

    /// All of them, by their ids.
    func allUnrun() throws(Diagnostic) -> [UnrunTask] {
        try index.ask { database throws in
            try ReportCatalogue.unrun(database.prepare("SELECT json, moment FROM unrun ORDER BY task")).map(\.task)
        }
    }

    private static func unrun(_ rows: Statement) throws -> [(task: UnrunTask, moment: Int64)] {
        var all: [(task: UnrunTask, moment: Int64)] = []
        while try rows.next() {
            if let task = try UnrunTask(json: JSON.parse(rows.text(0))) { all.append((task, rows.integer(1))) }
        }
        return all
    }
}
