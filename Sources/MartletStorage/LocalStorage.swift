import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// Files that the operating system shows as local: disks and mounted network file systems.
///
/// Temporary files lie beside their target, on the same file system, so that `commit` is one rename. They are called
/// `.<name>.martlet-<host>-<pid>-<random>.tmp`.
public struct LocalStorage: StorageBackend {
    public static let schemes = ["", "file"]

    /// Whether content and name are forced to disk before `put` and `commit` return.
    public let isDurable: Bool

    // Unchecked for threads: a back end is used from one at a time, and so whoever may be another makes one of its own.
    nonisolated(unsafe) private let listings = Listings()

    private let attention: Attention

    /// - Parameter attention: asked while files are copied, whether to give up.
    public init(durable: Bool = false, attention: @escaping Attention = { false }) {
        isDurable = durable
        self.attention = attention
    }

    public func look(_ targets: [TargetRef], while planning: PlanningID?) -> [Existence] {
        let paths = targets.map(\.localPath)
        if !paths.contains(nil) { return listings.look(paths.compactMap { $0 }) }
        return stat(targets).map(Existence.init)
    }

    public func stat(_ targets: [TargetRef]) -> [Result<FileStatus, StorageError>] {
        let paths = targets.map(\.localPath)
        let asked = StatMany.status(of: paths.compactMap { $0 })
        var next = asked.makeIterator()
        return zip(targets, paths).map { target, path in
            guard path != nil, let answer = next.next() else { return .failure(LocalStorage.foreign(target)) }
            return answer.mapError(StorageError.init).map(FileStatus.init)
        }
    }

    public func list(_ directories: [TargetRef]) -> [Result<[DirectoryEntry], StorageError>] {
        directories.map { directory in
            attempt(directory) { (path) throws(SystemError) in
                try Directory.list(path).map { DirectoryEntry(name: $0.name, isDirectory: $0.isDirectory) }
            }
        }
    }

    public func read(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        attempt(target) { (path) throws(SystemError) in try File.read(path, offset: offset, count: count) }
    }

    public func put(_ bytes: [UInt8], besides target: TargetRef) -> Result<TargetRef, StorageError> {
        attempt(target) { (path) throws(SystemError) in
            let temporary = File.temporaryName(besides: path)
            try written(temporary) { (file) throws(SystemError) in try File.writeAll(file, bytes) }
            return TargetRef(temporary)
        }
    }

    public func commit(_ moves: [Move]) -> [Result<Void, StorageError>] {
        moves.map { move in
            guard let from = move.temporary.localPath else { return .failure(LocalStorage.foreign(move.temporary)) }
            return attempt(move.target) { (path) throws(SystemError) in try rename(from, to: path) }
        }
    }

    /// Adler-32, which the grid's storage keeps as well.
    public func checksum(_ targets: [TargetRef]) -> [Result<Checksum, StorageError>] {
        targets.map { target in
            attempt(target) { (path) throws(SystemError) in
                var sum = Adler32()
                try File.readPieces(path) { sum.update($0) }
                return Checksum(algorithm: "adler32", digest: Hex.text(sum.value))
            }
        }
    }

    public func delete(_ targets: [TargetRef]) -> [Result<Void, StorageError>] {
        let paths = targets.map(\.localPath)
        var found = RemoveMany.remove(paths.compactMap(\.self)).makeIterator()
        return zip(targets, paths).map { target, path in
            if path == nil { return .failure(LocalStorage.foreign(target)) }
            guard let refusal = found.next() ?? nil else { return .success(()) }
            return .failure(StorageError(refusal))
        }
    }

    public func mkdir(_ directories: [TargetRef]) -> [Result<Void, StorageError>] {
        directories.map { attempt($0) { (path) throws(SystemError) in try Directory.make(path) } }
    }

    public func fetch(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        copyAll(transfers, progress) { (path, transfer, copied) throws(SystemError) in
            try copy(path, to: transfer.local, by: transfer.partial, copied)
        }
    }

    public func store(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        copyAll(transfers, progress) { (path, transfer, copied) throws(SystemError) in
            try Directory.make(Directory.parent(of: path))
            return try copy(transfer.local, to: path, by: File.temporaryName(besides: path), copied)
        }
    }

    // MARK: copies

    private func copyAll(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void,
        _ one: (String, Transfer, (Int) throws(SystemError) -> Void) throws(SystemError) -> FileStatus
    ) -> [Result<FileStatus, StorageError>] {
        var come = TransferProgress(filesTotal: transfers.count)
        return transfers.map { transfer in
            defer {
                come.filesDone += 1
                progress(come)
            }
            return attempt(transfer.target) { (path) throws(SystemError) in
                try one(path, transfer) { (count) throws(SystemError) in
                    if attention() { throw SystemError(EINTR, "copy", path) }
                    come.bytesDone += UInt64(count)
                    come.bytesTotal = max(come.bytesTotal, come.bytesDone)
                    progress(come)
                }
            }
        }
    }

    /// A file that is read while it is written to is copied as far as it goes at the moment.
    private func copy(
        _ from: String, to path: String, by temporary: String, _ copied: (Int) throws(SystemError) -> Void
    ) throws(SystemError) -> FileStatus {
        try written(temporary) { (file) throws(SystemError) in try File.copy(from, into: file, copied) }
        do throws(SystemError) {
            try rename(temporary, to: path)
        } catch {
            discard(temporary)
            throw error
        }
        return FileStatus(try StatMany.status(of: path))
    }

    /// Makes a file that must not exist, and leaves none behind where `body` fails.
    private func written(_ path: String, _ body: (Descriptor) throws(SystemError) -> Void) throws(SystemError) {
        let file = try File.openNew(path)
        do throws(SystemError) {
            try body(file)
            if isDurable { try File.synchronize(file) }
        } catch {
            discard(path)
            throw error
        }
    }

    private func rename(_ from: String, to path: String) throws(SystemError) {
        try File.rename(from, to: path)
        if isDurable { try File.synchronizeDirectory(Directory.parent(of: path)) }
    }

    /// After a failure, which is the one to tell of.
    private func discard(_ path: String) { _ = delete([TargetRef(path)]) }

    // MARK: locations

    private func attempt<T>(
        _ target: TargetRef, _ body: (String) throws(SystemError) -> T
    ) -> Result<T, StorageError> {
        guard let path = target.localPath else { return .failure(LocalStorage.foreign(target)) }
        do throws(SystemError) {
            return .success(try body(path))
        } catch {
            return .failure(StorageError(error))
        }
    }

    private static func foreign(_ target: TargetRef) -> StorageError {
        StorageError(.unsupported, "\(target) is not a local file")
    }
}

extension FileStatus {
    init(_ status: PathStatus) {
        self.init(size: status.size, modified: status.modified, isDirectory: status.isDirectory)
    }
}
