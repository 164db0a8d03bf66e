import MartletModel
import MartletPorts

/// Looks reports up in the index of an area, which it opens when it is asked first.
public final class CatalogueIndex: ReportIndex {
    private let open: () throws(Diagnostic) -> ReportCatalogue
    private var catalogue: ReportCatalogue?

    public init(_ open: @escaping () throws(Diagnostic) -> ReportCatalogue) { self.open = open }

    public func renew() throws(Diagnostic) { try catalogue?.index.renew() }

    public func look(up tasks: [String]) throws(Diagnostic) -> ReportLook {
        let records: ReportCatalogue
        if let catalogue { records = catalogue } else { records = try open() }
        catalogue = records
        let reports = try records.standings(of: tasks)
        var facts: [String: Fact] = [:]
        for digest in Set(reports.compactMap(\.self).flatMap { [$0.facts.code, $0.facts.environment, $0.facts.sandbox] }) {
            facts[digest] = try records.fact(digest).flatMap { Fact(json: $0) }
        }
        return ReportLook(reports: reports, facts: facts)
    }
}

extension ReportCatalogue {
    /// Columns that `standing` reads.
    private static let columns = """
        SELECT s.name, e.number, e.outcome, e.start, e.code, e.environment, e.sandbox, e.used, e.nameless, e.asked
        FROM task t JOIN execution e ON e.task = t.id JOIN segment s ON s.id = e.segment WHERE t.name = ?1
        """

    /// Where tasks stand, in their order; nil for those that were never recorded.
    func standings(of tasks: [String]) throws(Diagnostic) -> [RecordedStanding?] {
        try index.ask { database throws in
            let newest = try database.prepare(
                ReportCatalogue.columns + " AND e.segment = t.segment AND e.number = t.number")
            let success = try database.prepare(
                ReportCatalogue.columns + " AND e.segment = t.done_segment AND e.number = t.done_number")
            return try tasks.map { task in
                guard var standing = try ReportCatalogue.standing(newest.bind(1, task)) else { return nil }
                if standing.outcome != .done, let before = try ReportCatalogue.standing(success.bind(1, task)) {
                    let newest = standing.outcome
                    standing = before
                    standing.outcome = newest
                }
                return standing
            }
        }
    }

    private static func standing(_ rows: Statement) throws -> RecordedStanding? {
        var found: RecordedStanding?
        while try rows.next() {
            let outcome = ExecutionGlance.outcome(rows.integer(2))
            let name = ReportName(segment: rows.text(0), number: UInt64(clamping: rows.integer(1)))
            let facts = Execution.Facts(code: rows.text(4), environment: rows.text(5), sandbox: rows.text(6))
            // who refers to facts tells what it consumed, if it required anything
            let unsaid: ConsumedReports? = facts == Execution.Facts() ? nil : .each([])
            found = RecordedStanding(
                outcome, success: outcome == .done ? name : nil, start: rows.integer(3), facts: facts,
                consumed: rows.isNull(7) ? unsaid : ConsumedReports(text: rows.text(7)),
                nameless: rows.isNull(8) ? .tasks([]) : Nameless(text: rows.text(8)),
                asked: rows.isNull(9) ? [] : Execution.Asked.all(rows.text(9)))
        }
        return found
    }
}
