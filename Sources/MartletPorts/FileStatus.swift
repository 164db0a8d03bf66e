/// What a store says of a file or directory.
public struct FileStatus: Equatable, Sendable {
    public var size: UInt64  // bytes; 0 for directories where the store has no number for them
    public var modified: Int64  // nanoseconds since 1970-01-01 UTC; 0 where the store does not say
    public var isDirectory: Bool
    public init(size: UInt64, modified: Int64, isDirectory: Bool) {
        self.size = size
        self.modified = modified
        self.isDirectory = isDirectory
    }
}

/// What a listing says of something inside a directory.
public struct DirectoryEntry: Equatable, Sendable {
    public var name: String
    public var isDirectory: Bool
    /// Bytes; nil where a listing does not tell.
    public var size: UInt64?
    /// Nanoseconds since 1970-01-01 UTC; nil where a listing does not tell.
    public var modified: Int64?
    public init(name: String, isDirectory: Bool, size: UInt64? = nil, modified: Int64? = nil) {
        self.name = name
        self.isDirectory = isDirectory
        self.size = size
        self.modified = modified
    }
}

/// A digest with the name of its algorithm, e.g. `adler32`, as lower-case hexadecimal.
public struct Checksum: Equatable, Sendable {
    public var algorithm: String
    public var digest: String
    public init(algorithm: String, digest: String) {
        self.algorithm = algorithm
        self.digest = digest
    }
}
