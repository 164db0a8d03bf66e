import MartletModel

/// The executions of one task, oldest first, by the order in which they ended (`Moment`).
public struct TaskHistory: Sendable {
    public let task: String
    public let title: String
    public let executions: [CatalogueEntry]

    /// - Throws: `.recordUnreadable`, `.recordDamaged`.
    public init(_ task: String, _ records: ReportCatalogue) throws(Diagnostic) {
        var executions: [CatalogueEntry] = []
        for glance in try records.history(of: task) { executions.append(try records.entry(glance)) }
        self.task = task
        self.executions = executions
        let last = try records.unrun(task)?.task
        title = executions.last?.glance.title ?? last?.title ?? task
    }

    /// `{"task":…,"title":…,"executions":[…]}` with `ExecutionGlance.json`, `cause` and `why` of each.
    public var json: JSON {
        [
            "task": .string(task), "title": .string(title),
            "executions": .array(
                executions.map { entry in
                    let execution = entry.report.execution
                    return .object(
                        (entry.glance.json.members ?? []) + [
                            JSONMember("cause", .string(execution.cause)),
                            JSONMember("why", .string(execution.reason?.code ?? "")),
                        ])
                }),
        ]
    }
}
