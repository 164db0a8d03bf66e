import MartletModel

/// An upload that was begun and neither completed nor given up, in a store that shows nobody what it holds.
public struct UnfinishedUpload: Equatable, Sendable {
    /// What it would become.
    public var target: TargetRef
    /// What `delete` gives it up by; differs between two uploads to one target.
    public var temporary: TargetRef
    /// Bytes that the store keeps of it.
    public var size: UInt64
    /// Nanoseconds since 1970-01-01 UTC: when something of it arrived last, else when it was begun; 0 where the store does not say.
    public var modified: Int64

    public init(target: TargetRef, temporary: TargetRef, size: UInt64, modified: Int64) {
        self.target = target
        self.temporary = temporary
        self.size = size
        self.modified = modified
    }
}
