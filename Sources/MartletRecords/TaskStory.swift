import MartletModel

/// All that is recorded of one task: what happened to it, and why.
public struct TaskStory: Sendable {
    public private(set) var task: String
    public private(set) var title: String
    /// Oldest first.
    public private(set) var executions: [Report]
    /// Set when it did not get its turn since it ran last.
    public private(set) var unrun: UnrunTask?
    /// What stands behind that: the tasks up to the root of the trouble, each with its own cause.
    public private(set) var behind: [Step] = []
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
        let ids = try records.tasks(text)
        return ids.map { TaskStory($0, records) }
    }

    /// The tasks that a user means by a text, and which run is at work on them.
    /// - Parameter state: the state directory.
    /// - Throws: `.noRecords`, `.unknownTask`, `.recordUnreadable`.
    public static func all(
        _ text: String, _ records: ReportCatalogue, state: String
    ) throws(Diagnostic) -> [TaskStory] {
        var stories = try all(text, records)
        let digests = stories.map { records.claimNames(of: $0.task).map { TaskDigest(of: $0) } }
        let survey = try LeaseSurvey(of: Set(digests.joined()), directory: "\(state)/leases")
        for i in stories.indices { stories[i].look(in: survey, digests[i]) }
        return stories
    }

    public init(_ task: String, _ records: ReportCatalogue) {
        self.task = task
        executions = records.history(of: task).map(\.report)
        let last = records.unrun(task)
        title = executions.last?.title ?? last?.title ?? task
        if let last, last.at > executions.last?.execution.start ?? 0 {
            unrun = last
            follow(last, records)
        }
    }

    private mutating func follow(_ first: UnrunTask, _ records: ReportCatalogue) {
        var next = first.reason.task, seen: Set<String> = [first.task]
        while !next.isEmpty, seen.insert(next).inserted {
            let report = records.newest(of: next)?.report, unrun = records.unrun(next)
            if let unrun, unrun.at > report?.execution.start ?? 0 {
                behind.append(Step(title: unrun.title, state: unrun.state, cause: unrun.cause))
                next = unrun.reason.task
            } else if let report {
                behind.append(
                    Step(
                        title: report.title, state: report.execution.outcome.rawValue, cause: report.execution.cause))
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
        if let since = held?.since, let last = executions.last?.execution, last.outcome == .done, last.start >= since {
            held = nil
        }
    }

    /// `{"task":…,"title":…,"held":{…},"unrun":{…},"executions":[…]}`
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
        members.append(JSONMember("executions", .array(executions.map(TaskStory.json))))
        return .object(members)
    }

    private static func json(_ report: Report) -> JSON {
        let execution = report.execution
        return .object([
            JSONMember("outcome", .string(execution.outcome.rawValue)), JSONMember("cause", .string(execution.cause)),
            JSONMember("reason", .string(execution.reason?.code ?? "")), JSONMember("start", .integer(execution.start)),
            JSONMember("wall", .number(execution.wall)), JSONMember("try", .integer(Int64(execution.attempt))),
        ])
    }
}
