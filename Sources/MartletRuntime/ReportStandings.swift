import MartletEngine
import MartletModel
import MartletPorts

/// What reports say of a run's tasks: looked up when somebody asks, for many at once.
struct ReportStandings {
    private var index: (any ReportIndex)?
    private var charters: [FamilyIndex: Charter] = [:]
    private var reports: [TaskIndex: RecordedStanding] = [:]
    private var ids: [TaskIndex: String] = [:]
    /// The other way round, where a report names tasks by their ids: of all in `ids` once it is asked.
    private var tasks: [String: TaskIndex] = [:]
    private var facts: [String: Fact] = [:]

    mutating func charter(_ family: FamilyIndex, _ charter: Charter) { charters[family] = charter }

    func charter(_ family: FamilyIndex) -> Charter? { charters[family] }

    /// The id of a task that was looked up; empty for others.
    func id(of task: TaskIndex) -> String { ids[task] ?? "" }

    /// - Parameters:
    ///   - families: of the tasks, where what has changed since matters.
    ///   - open: makes an index that knows what is recorded by now.
    ///   - anew: what was recorded since the last look counts too.
    mutating func look(
        up tasks: [TaskIndex], _ names: [String], families: [FamilyIndex]?, anew: Bool, _ open: () -> any ReportIndex
    ) throws(Diagnostic) -> [TaskIndex: Standing] {
        let index: any ReportIndex
        if let known = self.index, !anew { index = known } else { index = open() }
        self.index = index
        let look = try index.look(up: names)
        facts.merge(look.facts) { $1 }
        let others = try ranAgain(look.reports.compactMap(\.self), index)
        var standings: [TaskIndex: Standing] = [:]
        for (place, task) in tasks.enumerated() { ids[task] = names[place] }
        for (place, task) in tasks.enumerated() {
            reports[task] = look.reports[place]
            standings[task] = standing(look.reports[place], families.flatMap { charters[$0[place]] })
            let asked = look.reports[place]?.asked ?? []
            if families != nil, asked.contains(where: { others.contains($0.task) }) { standings[task]?.changes.insert(.inputs) }
        }
        return standings
    }

    /// Tasks that executions asked for while they ran, and that have another report by now.
    private func ranAgain(_ reports: [RecordedStanding], _ index: any ReportIndex) throws(Diagnostic) -> Set<String> {
        var then: [String: ReportName] = [:]
        for one in reports.flatMap(\.asked) { if let name = one.report { then[one.task] = name } }
        if then.isEmpty { return [] }
        let tasks = then.keys.sorted()
        var others: Set<String> = []
        for (task, now) in zip(tasks, try index.look(up: tasks).reports) {
            if let name = now?.success, name != then[task] { others.insert(task) }
        }
        return others
    }

    /// What the newest successful reports of tasks are called by now; nil where there is none, or that cannot be read.
    func names(of tasks: [String], renewing index: any ReportIndex) -> [ReportName?] {
        do throws(Diagnostic) {
            try index.renew()
            return try index.look(up: tasks).reports.map { $0?.success }
        } catch {
            return tasks.map { _ in nil }
        }
    }

    private mutating func task(_ id: String) -> TaskIndex? {
        if tasks.count < ids.count { for (task, id) in ids { tasks[id] = task } }
        return tasks[id]
    }

    private mutating func standing(_ report: RecordedStanding?, _ charter: Charter?) -> Standing {
        guard let report else { return Standing(.none) }
        let changes = charter?.changes(since: RecordedFacts(report.facts, in: facts)) ?? []
        return Standing(
            Standing.Report(report.outcome), name: report.success, consumed: report.consumed,
            nameless: report.nameless.map { task($0) }, changes: changes)
    }

    /// What is different from the reports of tasks:
    ///
    ///     {"tasks": [{"task": index, "report": "none" | "failed" | "removed" | "done", "start": nanoseconds, "changes": [name, …],
    ///       "inputs": [index, …], "code": digest, "env": digest, "sandbox": digest}, …], "facts": {digest: content}}
    func differences(_ tasks: [TaskIndex], _ engine: Engine) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("tasks")
        writer.beginArray()
        for (task, found) in zip(tasks, engine.changes(of: tasks)) { tell(task, found, engine, &writer) }
        writer.endArray()
        writer.name("facts")
        writer.beginObject()
        for (digest, fact) in facts {
            writer.name(digest)
            writer.value(fact.content)
        }
        writer.endObject()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func tell(
        _ task: TaskIndex, _ found: (changes: Change, inputs: [TaskIndex]), _ engine: Engine, _ writer: inout JSONWriter
    ) {
        let standing = engine.standing(of: task), report = reports[task]
        writer.beginObject()
        writer.name(literal: "task")
        writer.integer(task.raw)
        writer.name(literal: "report")
        writer.string(standing.map { "\($0.report)" } ?? "none")
        writer.name(literal: "changes")
        writer.beginArray()
        for (change, name) in ReportStandings.names where found.changes.contains(change) { writer.string(name) }
        writer.endArray()
        writer.name(literal: "inputs")
        writer.beginArray()
        for input in found.inputs { writer.integer(input.raw) }
        writer.endArray()
        if let report {
            writer.name(literal: "start")
            writer.integer(report.start)
            writer.name(literal: "code")
            writer.string(report.facts.code)
            writer.name(literal: "env")
            writer.string(report.facts.environment)
            writer.name(literal: "sandbox")
            writer.string(report.facts.sandbox)
        }
        writer.endObject()
    }

    private static let names: [(Change, String)] = [
        (.code, "code"), (.parameters, "parameters"), (.inputs, "inputs"), (.environment, "environment"),
    ]
}
