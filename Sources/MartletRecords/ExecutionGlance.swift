import MartletModel

/// What the index tells of one execution; the whole report is `ReportCatalogue.report(of:)`.
public struct ExecutionGlance: Equatable, Sendable {
    /// The task's id.
    public var task: String
    public var family: String
    public var title: String
    /// The segment that recorded it, and its number there: what the execution is told by for ever.
    public var segment: String
    public var number: UInt64
    public var outcome: Execution.Outcome
    /// Nanoseconds since 1970-01-01 UTC, by the clock of its host.
    public var start: Int64
    /// Seconds; processor time is of user and system, nil when not measured.
    public var wall: Double
    public var cpu: Double?
    /// Peak resident memory in kB.
    public var memory: Int64?
    /// Sum of its outputs' sizes as far as they are known; nil when none is.
    public var bytes: Int64?
    public var attempt: Int
    public var host: String
    public var user: String
    public var pid: Int32
    /// See `Moment`.
    var moment: Int64
    /// Where its line stands.
    var place: LinePlace

    public var name: ReportName { ReportName(segment: segment, number: number) }

    /// Columns of `execution e`, `task t`, `segment s` and `file f`, as `init` reads them.
    static let selection = """
        SELECT t.name, t.family, t.title, s.name, e.number, e.outcome, e.start, e.wall, e.cpu, e.memory, e.bytes,
            e.attempt, s.host, s.user, s.pid, e.moment, f.name, e.at
        FROM execution e JOIN task t ON t.id = e.task JOIN segment s ON s.id = e.segment JOIN file f ON f.id = e.file
        """
    /// The same, of each task's newest execution.
    static let newest = selection + " WHERE e.task = t.id AND e.segment = t.segment AND e.number = t.number"
    /// The same, of each task's newest execution that ended well.
    static let newestDone =
        selection + " WHERE e.task = t.id AND e.segment = t.done_segment AND e.number = t.done_number"

    init(_ row: Statement) {
        (task, family, title, segment) = (row.text(0), row.text(1), row.text(2), row.text(3))
        number = UInt64(clamping: row.integer(4))
        outcome = ExecutionGlance.outcome(row.integer(5))
        start = row.integer(6)
        wall = row.number(7)
        cpu = row.isNull(8) ? nil : row.number(8)
        memory = row.isNull(9) ? nil : row.integer(9)
        bytes = row.isNull(10) ? nil : row.integer(10)
        attempt = Int(row.integer(11))
        (host, user, pid) = (row.text(12), row.text(13), Int32(truncatingIfNeeded: row.integer(14)))
        moment = row.integer(15)
        place = LinePlace(file: row.text(16), offset: UInt64(clamping: row.integer(17)))
    }

    /// As the column `outcome` has it.
    static func number(of outcome: Execution.Outcome) -> Int64 {
        switch outcome {
        case .failed: 0
        case .done: 1
        case .removed: 2
        }
    }

    static func outcome(_ number: Int64) -> Execution.Outcome {
        switch number {
        case 1: .done
        case 2: .removed
        default: .failed
        }
    }

    static func all(_ statement: Statement) throws(Database.Failure) -> [ExecutionGlance] {
        var all: [ExecutionGlance] = []
        while try statement.next() { all.append(ExecutionGlance(statement)) }
        return all
    }
}
