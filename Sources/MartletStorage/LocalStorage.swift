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

    // Unchecked for threads: back ends are used from one at a time.
    nonisolated(unsafe) private let listings = Listings()

    public init(durable: Bool = false) { isDurable = durable }

    public func look(_ targets: [TargetRef]) -> [Existence] {
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
            return answer.mapError(StorageError.init).map {
                FileStatus(size: $0.size, modified: $0.modified, isDirectory: $0.isDirectory)
            }
        }
    }

    public func list(_ directory: TargetRef) -> Result<[DirectoryEntry], StorageError> {
        attempt(directory) { (path) throws(SystemError) in
            try Directory.list(path).map { DirectoryEntry(name: $0.name, isDirectory: $0.isDirectory) }
        }
    }

    public func read(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        attempt(target) { (path) throws(SystemError) in try File.read(path, offset: offset, count: count) }
    }

    public func put(_ bytes: [UInt8], besides target: TargetRef) -> Result<TargetRef, StorageError> {
        attempt(target) { (path) throws(SystemError) in
            let temporary = File.temporaryName(besides: path)
            let file = try File.openNew(temporary)
            do throws(SystemError) {
                try File.writeAll(file, bytes)
                if isDurable { try File.synchronize(file) }
            } catch {
                // the first failure is the one to tell of
                _ = delete(TargetRef(temporary))
                throw error
            }
            return TargetRef(temporary)
        }
    }

    public func commit(_ temporary: TargetRef, as target: TargetRef) -> Result<Void, StorageError> {
        guard let from = temporary.localPath else { return .failure(LocalStorage.foreign(temporary)) }
        return attempt(target) { (path) throws(SystemError) in
            try File.rename(from, to: path)
            if isDurable { try File.synchronizeDirectory(Directory.parent(of: path)) }
        }
    }

    /// Adler-32, which the grid's storage keeps as well.
    public func checksum(_ target: TargetRef) -> Result<Checksum, StorageError> {
        attempt(target) { (path) throws(SystemError) in
            var sum = Adler32()
            try File.readPieces(path) { sum.update($0) }
            return Checksum(algorithm: "adler32", digest: Hex.text(sum.value))
        }
    }

    public func delete(_ target: TargetRef) -> Result<Void, StorageError> {
        attempt(target) { (path) throws(SystemError) in
            do throws(SystemError) {
                try File.remove(path)
            } catch {
                guard Directory.isDirectory(path) else { throw error }
                try Directory.remove(path)
            }
        }
    }

    public func mkdir(_ directory: TargetRef) -> Result<Void, StorageError> {
        attempt(directory) { (path) throws(SystemError) in try Directory.make(path) }
    }

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
