import MartletModel
import MartletPorts

/// Segments in memory; can be full.
public final class MemorySegments: SegmentFolder {
    public var content: [String: [UInt8]] = [:]
    /// What each tells of executions.
    public var told: [String: [RecordedExecution]] = [:]
    /// The latest moment in all of them.
    public var latest: Int64?
    public var isFull = false
    /// How often each was read for its executions.
    public private(set) var readings: [String: Int] = [:]

    public init() {}

    public func bytes(of segment: String, from offset: UInt64) -> [UInt8] {
        Array((content[segment] ?? []).dropFirst(Int(clamping: offset)))
    }

    public func place(_ segment: String, _ bytes: [UInt8]) throws(Diagnostic) {
        if isFull { throw Diagnostic(.recordUnwritable, subject: segment, cause: "No space left on device") }
        if content[segment, default: []].count < bytes.count { content[segment] = bytes }
    }

    public func executions(in segment: String) -> [RecordedExecution] {
        readings[segment, default: 0] += 1
        return told[segment] ?? []
    }

    public func latestMoment() -> Int64? { latest }
}
