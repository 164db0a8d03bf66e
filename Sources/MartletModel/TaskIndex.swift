/// The number of a task within one run: its place in every column of the graph.
///
/// Numbers are given in the order in which tasks are first seen and never reused. 32 bits: a graph has at most
/// four thousand million tasks and an edge costs four bytes.
public struct TaskIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let raw: UInt32
    @inlinable public init(_ raw: UInt32) { self.raw = raw }
    @inlinable public init(_ position: Int) { raw = UInt32(position) }
    /// The place in an array column.
    @inlinable public var position: Int { Int(raw) }
    @inlinable public static func < (a: TaskIndex, b: TaskIndex) -> Bool { a.raw < b.raw }
    public var description: String { "#\(raw)" }
}

/// The number of a task family within one run; its name is kept by whoever planned it.
public struct FamilyIndex: Hashable, Comparable, Sendable {
    public let raw: UInt32
    @inlinable public init(_ raw: UInt32) { self.raw = raw }
    @inlinable public init(_ position: Int) { raw = UInt32(position) }
    @inlinable public var position: Int { Int(raw) }
    @inlinable public static func < (a: FamilyIndex, b: FamilyIndex) -> Bool { a.raw < b.raw }
}

/// A worker as the engine knows it: a client that holds leases on tasks, wherever its process lives.
public struct WorkerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let raw: UInt32
    @inlinable public init(_ raw: UInt32) { self.raw = raw }
    @inlinable public static func < (a: WorkerID, b: WorkerID) -> Bool { a.raw < b.raw }
    public var description: String { "worker \(raw)" }
}
