import MartletModel

/// What can be different from what a report says.
public struct Change: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let code = Change(rawValue: 1)
    public static let inputs = Change(rawValue: 2)
    public static let environment = Change(rawValue: 4)
    /// Values, or defaults, of parameters that don't tell tasks apart.
    public static let parameters = Change(rawValue: 8)
}

/// What a task's reports say of where it stands.
public struct Standing: Equatable, Sendable {
    public enum Report: Equatable, Sendable {
        /// It has none.
        case none
        /// The newest is of a failure.
        case failed
        /// The newest is of a success.
        case done
        /// The newest says that its outputs were removed.
        case removed

        public init(_ outcome: Execution.Outcome) {
            switch outcome {
            case .done: self = .done
            case .failed: self = .failed
            case .removed: self = .removed
            }
        }
    }
    public var report: Report
    /// What it is called among what others consumed: the newest report of a success, or files that no report tells of.
    public var name: ReportName?
    /// What it consumed; nil where it had nothing to consume, or it is not known.
    public var consumed: ConsumedReports?
    /// Which of its dependencies had no name then.
    public var nameless: Nameless<TaskIndex>
    /// What is different now; of inputs only what it asked for while it ran.
    public var changes: Change

    public init(
        _ report: Report, name: ReportName? = nil, consumed: ConsumedReports? = nil,
        nameless: Nameless<TaskIndex> = .tasks([]), changes: Change = []
    ) {
        self.report = report
        self.name = name
        self.consumed = consumed
        self.nameless = nameless
        self.changes = changes
    }
}
