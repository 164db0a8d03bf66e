import MartletModel

/// Segments of reports that other processes write, by their names.
public protocol SegmentFolder {
    /// What a segment holds from a place on; empty where it is no longer.
    func bytes(of segment: String, from offset: UInt64) throws(Diagnostic) -> [UInt8]
    /// Puts a segment among the others, whole or not at all. One that is there already is left as it is.
    func place(_ segment: String, _ bytes: [UInt8]) throws(Diagnostic)
    /// The executions that a segment tells of, with the numbers of their records; none where there is no such segment.
    func executions(in segment: String) -> [(number: UInt64, task: String, execution: Execution)]
}

/// Nobody else writes any.
public struct NoSegments: SegmentFolder {
    public init() {}
    public func bytes(of segment: String, from offset: UInt64) -> [UInt8] { [] }
    public func place(_ segment: String, _ bytes: [UInt8]) {}
    public func executions(in segment: String) -> [(number: UInt64, task: String, execution: Execution)] { [] }
}
