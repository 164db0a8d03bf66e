import MartletModel

/// What is recorded of tasks, looked up for many at once.
public protocol ReportIndex: AnyObject {
    /// What the reports say at this moment.
    /// - Parameter tasks: their ids.
    /// - Throws: `.recordUnreadable`.
    func look(up tasks: [String]) throws(Diagnostic) -> ReportLook
    /// Takes in what was recorded since it was asked first.
    /// - Throws: `.recordUnreadable`.
    func renew() throws(Diagnostic)
}

/// Nothing is recorded.
public final class NoReports: ReportIndex {
    public init() {}
    public func look(up tasks: [String]) throws(Diagnostic) -> ReportLook {
        ReportLook(reports: tasks.map { _ in nil }, facts: [:])
    }
    public func renew() {}
}

public struct ReportLook: Sendable {
    /// One for each task that was asked for, in order; nil where it has no report.
    public var reports: [RecordedStanding?]
    /// By digest, the facts that these refer to.
    public var facts: [String: Fact]
    public init(reports: [RecordedStanding?], facts: [String: Fact]) {
        self.reports = reports
        self.facts = facts
    }
}

/// What a task's reports say of where it stands.
public struct RecordedStanding: Equatable, Sendable {
    /// Of the newest report.
    public var outcome: Execution.Outcome
    /// The newest report of a success; nil where there is none.
    public var success: ReportName?
    /// Of that one, or else of the newest: when it began (nanoseconds since 1970-01-01 UTC), what it was made from.
    public var start: Int64
    public var facts: Execution.Facts
    public var consumed: ConsumedReports?
    /// Which of the tasks that it required had no name among these.
    public var nameless: Nameless<String>
    /// The tasks that it asked for while it ran.
    public var asked: [Execution.Asked]

    public init(
        _ outcome: Execution.Outcome, success: ReportName?, start: Int64, facts: Execution.Facts, consumed: ConsumedReports?,
        nameless: Nameless<String> = .tasks([]), asked: [Execution.Asked] = []
    ) {
        self.asked = asked
        self.outcome = outcome
        self.success = success
        self.start = start
        self.facts = facts
        self.consumed = consumed
        self.nameless = nameless
    }
}
