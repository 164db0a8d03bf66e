import MartletModel

/// All that is recorded of one task: what happened to it, and why.
public struct TaskStory: Sendable {
    public private(set) var task: String
    public private(set) var title: String
    /// Oldest first.
    public private(set) var executions: [CatalogueEntry]
    /// Set when it did not get its turn since it ran last.
    public private(set) var unrun: UnrunTask?
    /// What stands behind that: the tasks up to the root of the trouble, each with its own cause.
    public private(set) var behind: [Step] = []
    /// Inputs that were made anew since the last success consumed them, as far as it tells: their newest successes.
    public private(set) var renewed: [ExecutionGlance] = []
    /// The run that is at work on it, where that was asked.
    public private(set) var held: HeldLease?

    /// A task on the way to the root of a trouble.
    public struct Step: Sendable {
        public var title: String
        public var state: String
        /// One line; empty where there is none.
        public var cause: String
    }

    /// The tasks that a user means by a text.
    /// - Throws: `.noRecords`, `.unknownTask`.
    public static func all(_ text: String, _ records: ReportCatalogue) throws(Diagnostic) -> [TaskStory] {
        var stories: [TaskStory] = []
        for id in try records.tasks(text) { stories.append(try TaskStory(id, records)) }
        return stories
    }

    /// The tasks that a user means by a text, and which run is at work on them.
    /// - Parameter state: the state directory.
    /// - Throws: `.noRecords`, `.unknownTask`, `.recordUnreadable`.
    public static func all(
        _ text: String, _ records: ReportCatalogue, state: String
    ) throws(Diagnostic) -> [TaskStory] {
        var stories = try all(text, records)
        var digests: [[TaskDigest]] = []
        for story in stories { digests.append(try records.claimNames(of: story.task).map { TaskDigest(of: $0) }) }
        let survey = try LeaseSurvey(of: Set(digests.joined()), directory: "\(state)/leases")
        for i in stories.indices { stories[i].look(in: survey, digests[i]) }
        return stories
    }

    /// - Throws: `.recordUnreadable`, `.recordDamaged`.
    public init(_ task: String, _ records: ReportCatalogue) throws(Diagnostic) {
        self.task = task
        executions = []
        for glance in try records.history(of: task) { executions.append(try records.entry(glance)) }
        let last = try records.unrun(task)
        title = executions.last?.report.title ?? last?.task.title ?? task
        if let last, last.moment > executions.last?.glance.moment ?? .min {
            unrun = last.task
            try follow(last.task, records)
        }
        if let success = executions.last(where: { $0.glance.outcome == .done })?.glance {
            renewed = try TaskStory.renewed(since: success, records)
        }
    }

    /// Names of consumed reports stand beside the inputs, in their order.
    private static func renewed(
        since success: ExecutionGlance, _ records: ReportCatalogue
    ) throws(Diagnostic) -> [ExecutionGlance] {
        let record = try records.record(of: success)
        let inputs = (record["inputs"]?.array ?? []).map { $0.string ?? "" }
        let consumed = (record["used"]?.array ?? []).map { $0.string ?? "" }
        guard inputs.count == consumed.count else { return [] }
        var renewed: [ExecutionGlance] = []
        for (input, name) in zip(inputs, consumed) where !name.isEmpty {
            let last = try records.history(of: input).last { $0.outcome == .done }
            if let last, last.name.text != name { renewed.append(last) }
        }
        return renewed
    }

    private mutating func follow(_ first: UnrunTask, _ records: ReportCatalogue) throws(Diagnostic) {
        var next = first.reason.task, seen: Set<String> = [first.task]
        while !next.isEmpty, seen.insert(next).inserted {
            let newest = try records.newest(of: next), unrun = try records.unrun(next)
            if let unrun, unrun.moment > newest?.moment ?? .min {
                behind.append(Step(title: unrun.task.title, state: unrun.task.state, cause: unrun.task.cause))
                next = unrun.task.reason.task
            } else if let newest {
                let execution = try records.report(of: newest).execution
                behind.append(Step(title: newest.title, state: newest.outcome.rawValue, cause: execution.cause))
                return
            } else {
                return
            }
        }
    }

    /// Adds which run is at work on the task.
    /// - Parameter digests: of the names under which it may be claimed.
    public mutating func look(in survey: LeaseSurvey, _ digests: [TaskDigest]) {
        held = digests.lazy.compactMap { survey.held[$0] }.first
        // what has ended well is given back only when somebody waits for it
        if let since = held?.since, let last = executions.last?.glance, last.outcome == .done, last.start >= since {
            held = nil
        }
    }

    /// `{"task":…,"title":…,"held":{…},"unrun":{…},"renewed":[…],"executions":[…]}`
    public var json: JSON {
        var members = [JSONMember("task", .string(task)), JSONMember("title", .string(title))]
        if let held { members.append(JSONMember("held", held.json)) }
        if let unrun {
            members.append(
                JSONMember(
                    "unrun",
                    .object([
                        JSONMember("state", .string(unrun.state)), JSONMember("reason", .string(unrun.reason.code)),
                        JSONMember("behind", .string(unrun.reason.task)), JSONMember("cause", .string(unrun.cause)),
                        JSONMember("at", .integer(unrun.at)),
                    ])))
        }
        if !renewed.isEmpty { members.append(JSONMember("renewed", .array(renewed.map(\.json)))) }
        members.append(JSONMember("executions", .array(executions.map(TaskStory.json))))
        return .object(members)
    }

    private static func json(_ entry: CatalogueEntry) -> JSON {
        let execution = entry.report.execution
        return .object([
            JSONMember("name", .string(entry.glance.name.text)),
            JSONMember("outcome", .string(execution.outcome.rawValue)), JSONMember("cause", .string(execution.cause)),
            JSONMember("reason", .string(execution.reason?.code ?? "")), JSONMember("start", .integer(execution.start)),
            JSONMember("wall", .number(execution.wall)), JSONMember("try", .integer(Int64(execution.attempt))),
            JSONMember("host", .string(entry.glance.host)), JSONMember("user", .string(entry.glance.user)),
        ])
    }
}
