import MartletModel

/// A place where results lie. One implementation knows one protocol.
///
/// Calls come in batches, with one answer per target, in order: a back end that can list a directory or keep many
/// requests under way does so behind these signatures. Implementations may block; the runtime calls them off the
/// engine's path. They are used from one thread at a time.
///
/// *Unreachable is never absent*: a back end answers `.absent` only when the store itself said so.
public protocol StorageBackend: Sendable {
    /// URL schemes this back end serves; `""` and `"file"` for local paths.
    static var schemes: [String] { get }

    func stat(_ targets: [TargetRef]) -> [Result<FileStatus, StorageError>]
    /// Whether each target is there. Asks for no more than that, so that one listing may answer for many.
    /// - Parameter planning: within one planning what was found out, absence too, may be used again; nil asks anew.
    func look(_ targets: [TargetRef], while planning: PlanningID?) -> [Existence]
    /// The entries directly inside each directory, sorted by the bytes of their names.
    func list(_ directories: [TargetRef]) -> [Result<[DirectoryEntry], StorageError>]
    /// Uploads to names directly inside each directory that were begun and not ended, where the store keeps them from listings;
    /// nothing elsewhere, and where the directory is not there. `.unsupported` where such a store does not tell of them.
    func unfinished(_ directories: [TargetRef]) -> [Result<[UnfinishedUpload], StorageError>]
    /// Bytes `offset..<offset + count`, fewer at the end of the file.
    func read(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError>
    /// Writes a small content under a temporary name beside the target, invisible as a result until `commit`.
    func put(_ bytes: [UInt8], besides target: TargetRef) -> Result<TargetRef, StorageError>
    /// Gives temporary files their final names, each in one step, replacing what was there.
    func commit(_ moves: [Move]) -> [Result<Void, StorageError>]
    /// What the store itself keeps or computes; `.unsupported` where it has none to offer.
    func checksum(_ targets: [TargetRef]) -> [Result<Checksum, StorageError>]
    /// Removes files and empty directories.
    func delete(_ targets: [TargetRef]) -> [Result<Void, StorageError>]
    /// Makes directories and their parents; content with those that exist.
    func mkdir(_ directories: [TargetRef]) -> [Result<Void, StorageError>]
    /// Brings files here. Each appears under its local path whole or not at all; its size, and its checksum where the
    /// store offers one, are compared: `.corrupt`. Folders above it must exist.
    /// - Parameter progress: called now and then from the calling thread.
    func fetch(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>]
    /// Takes local files there. Each appears in the store under its name whole or not at all, its size (and checksum)
    /// compared before; directories above it are made where they lack. `.absent` where the local file lacks.
    /// - Returns: what each is in the store now.
    func store(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>]
}

extension StorageBackend {
    /// Of stores whose temporary files are files like others.
    public func unfinished(_ directories: [TargetRef]) -> [Result<[UnfinishedUpload], StorageError>] {
        directories.map { _ in .success([]) }
    }
}

/// A temporary file, and the name that it is to have.
public struct Move: Hashable, Sendable {
    public var temporary: TargetRef
    public var target: TargetRef
    public init(_ temporary: TargetRef, to target: TargetRef) {
        self.temporary = temporary
        self.target = target
    }
}

/// One planning: while it goes on, what was seen of a store may be used again. Unlike any other of this process.
public struct PlanningID: Hashable, Sendable {
    public let raw: UInt64
    public init(_ raw: UInt64) { self.raw = raw }

    /// One that no process has used before.
    public static func fresh() -> PlanningID { PlanningID(UInt64.random(in: 1...UInt64(Int64.max))) }
}
