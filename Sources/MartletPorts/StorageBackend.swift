import MartletModel

/// A place where results lie. One implementation knows one protocol.
///
/// Calls come in batches: a back end that can list a directory or keep many requests under way does so behind these
/// signatures. Implementations may block; the runtime calls them off the engine's path. They are used from one
/// thread at a time.
///
/// *Unreachable is never absent*: a back end answers `.absent` only when the store itself said so.
public protocol StorageBackend: Sendable {
    /// URL schemes this back end serves; `""` and `"file"` for local paths.
    static var schemes: [String] { get }

    /// One answer per target, in order.
    func stat(_ targets: [TargetRef]) -> [Result<FileStatus, StorageError>]
    /// Whether each target is there, in order. Asks for no more than that, so that one listing may answer for many.
    func look(_ targets: [TargetRef]) -> [Existence]
    /// The entries directly inside a directory, sorted by name.
    func list(_ directory: TargetRef) -> Result<[DirectoryEntry], StorageError>
    /// Bytes `offset..<offset + count`, fewer at the end of the file.
    func read(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError>
    /// Writes the bytes under a temporary name beside the target, invisible as a result until `commit`.
    func put(_ bytes: [UInt8], besides target: TargetRef) -> Result<TargetRef, StorageError>
    /// Gives the temporary file its final name in one step, replacing what was there.
    func commit(_ temporary: TargetRef, as target: TargetRef) -> Result<Void, StorageError>
    func checksum(_ target: TargetRef) -> Result<Checksum, StorageError>
    /// Removes a file or an empty directory.
    func delete(_ target: TargetRef) -> Result<Void, StorageError>
    /// Makes a directory and its parents; content with one that exists.
    func mkdir(_ directory: TargetRef) -> Result<Void, StorageError>
}

extension StorageBackend {
    public func look(_ targets: [TargetRef]) -> [Existence] { stat(targets).map(Existence.init) }
}

/// Whether something is there.
public enum Existence: Equatable, Sendable {
    case there, absent
    /// It could not be found out, which is never the same as absent.
    case unknown(StorageError)

    public init(_ status: Result<FileStatus, StorageError>) {
        switch status {
        case .success: self = .there
        case .failure(let error): self = error.kind == .absent ? .absent : .unknown(error)
        }
    }
}

public struct FileStatus: Equatable, Sendable {
    public var size: UInt64  // bytes
    public var modified: Int64  // nanoseconds since 1970-01-01 UTC
    public var isDirectory: Bool
    public init(size: UInt64, modified: Int64, isDirectory: Bool) {
        self.size = size
        self.modified = modified
        self.isDirectory = isDirectory
    }
}

public struct DirectoryEntry: Equatable, Sendable {
    public var name: String
    public var isDirectory: Bool
    public init(name: String, isDirectory: Bool) {
        self.name = name
        self.isDirectory = isDirectory
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

/// Why a store could not do what was asked.
public struct StorageError: Error, Equatable, Sendable {
    public enum Class: String, CaseIterable, Sendable {
        /// The store says that nothing is there.
        case absent
        /// The store refuses us: permissions, credentials.
        case denied
        /// Worth another try later: timeouts, broken connections, overload.
        case transient
        /// No space or quota left.
        case full
        /// What was read is not what was written.
        case corrupt
        /// This store cannot do that.
        case unsupported
    }
    public var kind: Class
    /// The store's own words.
    public var message: String
    public init(_ kind: Class, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
