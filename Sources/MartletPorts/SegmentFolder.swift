import MartletModel

/// Segments of reports that other processes write, by their names.
public protocol SegmentFolder {
    /// What a segment holds from a place on; empty where it is no longer.
    func bytes(of segment: String, from offset: UInt64) throws(Diagnostic) -> [UInt8]
    /// Puts a segment among the others, whole or not at all. One that is there already is left as it is.
    func place(_ segment: String, _ bytes: [UInt8]) throws(Diagnostic)
    /// The executions that a segment tells of, in order; none where there is no such segment.
    func executions(in segment: String) -> [RecordedExecution]
    /// The latest moment (docs/reports.md) in the segments that were written last; nil where there is none, or none to be had.
    func latestMoment() -> Int64?
}

/// An execution as a segment tells of it.
public struct RecordedExecution: Sendable {
    /// Of its record.
    public var number: UInt64
    /// The task's id.
    public var task: String
    public var execution: Execution
    /// See docs/reports.md: nanoseconds, of no use but to be compared.
    public var moment: Int64

    public init(number: UInt64, task: String, execution: Execution, moment: Int64) {
        (self.number, self.task, self.execution, self.moment) = (number, task, execution, moment)
    }
}

/// Nobody else writes any.
public struct NoSegments: SegmentFolder {
    public init() {}
    public func bytes(of segment: String, from offset: UInt64) -> [UInt8] { [] }
    public func place(_ segment: String, _ bytes: [UInt8]) {}
    public func executions(in segment: String) -> [RecordedExecution] { [] }
    public func latestMoment() -> Int64? { nil }
}
