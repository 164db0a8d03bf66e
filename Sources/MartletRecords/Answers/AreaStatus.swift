import MartletModel

/// How the families of an area stand, by the newest execution of each task.
public struct AreaStatus: Sendable {
    /// In the order in which they first ran.
    public private(set) var families: [Family] = []
    /// Tasks that failed at their last execution, in the order in which that started, with the cause in one line.
    public private(set) var failures: [(execution: ExecutionGlance, cause: String)] = []

    public struct Family: Equatable, Sendable {
        public var name: String
        public var tasks = 0
        public var done = 0
        /// Whose outputs were removed since.
        public var removed = 0
        public var failed: Int { tasks - done - removed }
        /// Seconds of the newest executions.
        public var cpu = 0.0
        public var wall = 0.0
        /// Sizes of their outputs, as far as they are known.
        public var bytes: Int64 = 0
        /// Start of the newest; nanoseconds since 1970-01-01 UTC.
        public var newest: Int64 = 0
    }

    /// - Parameters:
    ///   - pattern: only tasks whose id, family or title fits it.
    ///   - causes: whether those of failures are wanted too; each is read from its segment.
    public init(_ records: ReportCatalogue, fitting pattern: String = "*", causes: Bool = true) throws(Diagnostic) {
        families = try records.index.ask { database throws in try AreaStatus.families(database, pattern) }
        if !causes { return }
        let failed = try records.newest(fitting: pattern, failed: true)
        failures = zip(failed, try records.reports(of: failed)).map { ($0, $1.execution.cause) }
    }

    private static func families(_ database: Database, _ pattern: String) throws(Database.Failure) -> [Family] {
        let fitting = pattern == "*" ? "" : "AND (fits(?1, t.name) OR fits(?1, t.family) OR fits(?1, t.title))"
        let rows = try database.prepare(
            """
            SELECT t.family, count(*), sum(e.outcome = 1), total(e.cpu), total(e.wall), ifnull(sum(e.bytes), 0), max(e.start),
                sum(e.outcome = 2)
            FROM task t JOIN execution e ON e.task = t.id AND e.segment = t.segment AND e.number = t.number \(fitting)
            GROUP BY t.family ORDER BY min(e.start), t.family
            """)
        if pattern != "*" { rows.bind(1, pattern) }
        var families: [Family] = []
        while try rows.next() {
            families.append(
                Family(
                    name: rows.text(0), tasks: Int(rows.integer(1)), done: Int(rows.integer(2)), removed: Int(rows.integer(7)),
                    cpu: rows.number(3), wall: rows.number(4), bytes: rows.integer(5), newest: rows.integer(6)))
        }
        return families
    }

    /// `{"families":[{"family":…,"tasks":…,"done":…,"failed":…,"removed":…,"cpu":…,"wall":…,"bytes":…,"newest":…}],"failures":[…]}`
    public var json: JSON {
        [
            "families": .array(families.map(\.json)),
            "failures": .array(
                failures.map { failure in
                    guard case .object(let members) = failure.execution.json else { return .null }
                    return .object(members + [JSONMember("cause", .string(failure.cause))])
                }),
        ]
    }
}

extension AreaStatus.Family {
    var json: JSON {
        [
            "family": .string(name), "tasks": JSON(tasks), "done": JSON(done), "failed": JSON(failed),
            "removed": JSON(removed), "cpu": .number(cpu), "wall": .number(wall), "bytes": .integer(bytes), "newest": .integer(newest),
        ]
    }
}

extension ExecutionGlance {
    /// `{"task":…,"family":…,"title":…,"name":…,"outcome":…,"start":…,"wall":…,"cpu":…,"rss":…,"bytes":…,"try":…,
    /// "host":…,"user":…,"segment":…,"number":…}`; null for what is not known.
    public var json: JSON {
        [
            "task": .string(task), "family": .string(family), "title": .string(title), "name": .string(name.text),
            "outcome": .string(outcome.rawValue), "start": .integer(start), "wall": .number(wall), "cpu": JSON(cpu),
            "rss": JSON(memory), "bytes": JSON(bytes), "try": JSON(attempt), "host": .string(host),
            "user": .string(user), "segment": .string(segment), "number": .integer(Int64(clamping: number)),
        ]
    }
}
