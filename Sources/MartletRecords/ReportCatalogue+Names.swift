import Glibc
import MartletModel

/// Tasks by what users call them.
extension ReportCatalogue {
    /// The newest execution of the one task that a user means: its whole id, its title, or an unambiguous beginning of
    /// the id; or the one execution whose report has this short name.
    /// - Throws: `.noRecords`, `.unknownTask`, `.ambiguousTask` with some of the candidates as its cause.
    public func find(_ text: String) throws(Diagnostic) -> ExecutionGlance {
        if isEmpty { throw Diagnostic(.noRecords, subject: "") }
        if let exact = try newest(of: text) { return exact }
        let latest = try newest()
        for candidates in [latest.filter { $0.title == text }, latest.filter { $0.task.hasPrefix(text) }] {
            if candidates.count == 1 { return candidates[0] }
            if candidates.count > 1 { throw ambiguous(text, candidates.map(\.task)) }
        }
        if let named = try execution(named: text) { return named }
        throw Diagnostic(.unknownTask, subject: text)
    }

    /// The execution whose report has this short name; nil when there is none, or the text is no such name.
    public func execution(named text: String) throws(Diagnostic) -> ExecutionGlance? {
        guard text.utf8.count == ReportName.length, text.utf8.allSatisfy({ Hex.value(of: $0) != nil }) else { return nil }
        return try executions().first { $0.name.text == text }
    }

    /// Ids of executed tasks that begin so, in their order, `most` at the most: what a command line may go on with.
    public func tasks(beginning text: String, most: Int) throws(Diagnostic) -> [String] {
        try index.ask { database throws in
            // the column is compared byte by byte, which its index is for
            let statement = try database.prepare("SELECT name FROM task WHERE name >= ?1 ORDER BY name LIMIT ?2")
            let rows = statement.bind(1, text).bind(2, Int64(most))
            var names: [String] = []
            while try rows.next(), rows.text(0).hasPrefix(text) { names.append(rows.text(0)) }
            return names
        }
    }

    /// Ids of the tasks that a user means, executed or not: by whole id, title, family, shell pattern of these, or an
    /// unambiguous beginning of the id.
    /// - Throws: `.noRecords`, `.unknownTask`, `.ambiguousTask`.
    public func tasks(_ text: String) throws(Diagnostic) -> [String] {
        if isEmpty && !tellsOfUnrun { throw Diagnostic(.noRecords, subject: "") }
        if try newest(of: text) != nil { return [text] }
        if try unrun(text) != nil { return [text] }
        var names = try newest().map { [$0.task, $0.family, $0.title] }
        let executed = Set(names.map { $0[0] })
        for task in try allUnrun() where !executed.contains(task.task) {
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
    func claimNames(of task: String) throws(Diagnostic) -> [String] {
        let report = try newest(of: task).map { (glance) throws(Diagnostic) in try self.report(of: glance) }
        let unrun = try self.unrun(task)?.task
        guard let (family, title, parameters) = report.map({ ($0.family, $0.title, $0.parameters) })
            ?? unrun.map({ ($0.family, $0.title, $0.parameters) }), let members = parameters.members
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
}
