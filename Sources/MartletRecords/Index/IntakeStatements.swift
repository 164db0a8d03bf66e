import MartletModel

/// The statements that fill the tables of the index.
final class IntakeStatements {
    private let putFile, knownSegment, newSegment, knownTask, newTask, newExecution: Statement
    private let newest, newestDone: Statement
    private let putUnrun, newFact, newDamage, lessDamage: Statement

    init(_ database: Database) throws(Database.Failure) {
        putFile = try database.prepare(
            """
            UPDATE file SET size = ?2, modified = ?3, read = ?4, lines = ?5, last = ?6, crc = ?7, segment = ?8, shift = ?9,
                moment = ?10 WHERE id = ?1
            """)
        knownSegment = try database.prepare("SELECT id FROM segment WHERE name = ?1")
        newSegment = try database.prepare(
            """
            INSERT INTO segment(name, host, user, pid, started, file, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id
            """)
        knownTask = try database.prepare("SELECT id FROM task WHERE name = ?1")
        newTask = try database.prepare("INSERT INTO task(name, family, title) VALUES(?1, ?2, ?3) RETURNING id")
        newExecution = try database.prepare(
            "INSERT OR IGNORE INTO execution VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)")
        func naming(_ segment: String, _ number: String, _ outcome: String) throws(Database.Failure) -> Statement {
            try database.prepare(
                """
                UPDATE task SET (\(segment), \(number)) = (
                    SELECT e.segment, e.number FROM execution e JOIN segment s ON s.id = e.segment
                    WHERE e.task = ?1 \(outcome) ORDER BY e.moment DESC, s.name DESC, e.number DESC LIMIT 1) WHERE id = ?1
                """)
        }
        newest = try naming("segment", "number", "")
        newestDone = try naming("done_segment", "done_number", "AND e.outcome = 1")
        putUnrun = try database.prepare(
            """
            INSERT INTO unrun VALUES(?1, ?2, ?3)
            ON CONFLICT(task) DO UPDATE SET moment = excluded.moment, json = excluded.json WHERE excluded.moment > moment
            """)
        newFact = try database.prepare("INSERT OR IGNORE INTO fact VALUES(?1, ?2, ?3)")
        newDamage = try database.prepare("INSERT INTO damage VALUES(?1, ?2, ?3, ?4, ?5)")
        lessDamage = try database.prepare("DELETE FROM damage WHERE file = ?1 AND at >= ?2")
    }

    func store(_ row: FileRow) throws(Database.Failure) {
        putFile.bind(1, row.id).bind(2, row.size).bind(3, row.modified).bind(4, row.read).bind(5, Int64(row.lines))
        putFile.bind(6, row.last).bind(7, row.crc).bind(8, row.segment).bind(9, row.shift).bind(10, row.moment)
        try putFile.run()
    }

    /// The segment of a header: one that several files hold parts of is one.
    func segment(_ header: SegmentHeader, file: Int64, at: Int64) throws(Database.Failure) -> Int64 {
        if let known = try knownSegment.bind(1, header.segment).one() { return known }
        newSegment.bind(1, header.segment).bind(2, header.host).bind(3, header.user).bind(4, Int64(header.pid))
        newSegment.bind(5, header.started).bind(6, file).bind(7, at)
        return try newSegment.one() ?? 0
    }

    /// The segment of records that stand below no header: damage has taken it. The file has its name.
    func unknownSegment(of row: FileRow) throws(Database.Failure) -> Int64 {
        let name = String(row.name.dropLast(SegmentReader.fileExtension.count))
        let header = SegmentHeader(kind: .reports, segment: name, host: "", user: "", pid: 0, started: 0)
        return try segment(header, file: row.id, at: 0)
    }

    func task(_ report: Report) throws(Database.Failure) -> Int64 {
        if let known = try knownTask.bind(1, report.task).one() { return known }
        return try newTask.bind(1, report.task).bind(2, report.family).bind(3, report.title).one() ?? 0
    }

    struct Place {
        var segment: Int64
        var number: UInt64
        var file: Int64
        var at: Int64
        var moment: Int64
    }

    /// - Parameter json: of its record, which holds more than `Report` does.
    func add(_ report: Report, _ json: JSON, _ task: Int64, _ place: Place) throws(Database.Failure) {
        let execution = report.execution
        let sizes = report.outputs.compactMap(\.size)
        newExecution.bind(1, task).bind(2, place.segment).bind(3, Int64(clamping: place.number)).bind(4, place.file)
        newExecution.bind(5, place.at).bind(6, place.moment).bind(7, ExecutionGlance.number(of: execution.outcome))
        newExecution.bind(8, execution.start).bind(9, execution.wall).bind(10, execution.cpu)
        newExecution.bind(11, execution.memory).bind(12, sizes.isEmpty ? nil : sizes.reduce(0, &+))
        newExecution.bind(13, Int64(execution.attempt)).bind(14, json["code"]?.string)
        // what later runs compare themselves with
        newExecution.bind(15, (json["submitter"] ?? json["env"])?.string)
        newExecution.bind(16, json["sandbox"]?.string)
        newExecution.bind(17, json["uses"] == nil ? json["used"]?.text : execution.consumed?.text)
        let nameless = report.nameless
        newExecution.bind(18, nameless == .tasks([]) || nameless == .count(0) ? nil : nameless.text)
        newExecution.bind(19, execution.asked.isEmpty ? nil : Execution.Asked.text(execution.asked))
        try newExecution.run()
    }

    /// Names a task's newest execution, and the newest that ended well.
    func findNewest(_ task: Int64) throws(Database.Failure) {
        try newest.bind(1, task).run()
        try newestDone.bind(1, task).run()
    }

    func add(_ unrun: UnrunTask, _ json: JSON, _ moment: Int64) throws(Database.Failure) {
        try putUnrun.bind(1, unrun.task).bind(2, moment).bind(3, json.text).run()
    }

    func fact(_ digest: String, file: Int64, at: Int64) throws(Database.Failure) {
        try newFact.bind(1, digest).bind(2, file).bind(3, at).run()
    }

    func add(_ problem: Diagnostic, _ file: Int64, _ at: Int64) throws(Database.Failure) {
        newDamage.bind(1, file).bind(2, at).bind(3, problem.code.rawValue).bind(4, problem.subject)
        try newDamage.bind(5, problem.cause).run()
    }

    func forgetDamage(_ file: Int64, from at: Int64) throws(Database.Failure) {
        try lessDamage.bind(1, file).bind(2, at).run()
    }
}
