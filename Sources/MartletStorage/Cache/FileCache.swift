import MartletModel
import MartletPorts
import MartletSystem

/// Keeps what was fetched from stores, for any number of processes of one user on one machine.
///
/// What a store says of a file decides whether the content here is still the one there: without the store nothing is
/// handed out. Contents are handed out as further names of one file, read-only, or as copies where the file systems
/// differ: what was handed out stays, whatever the cache removes. Trouble of the cache's own (no space, a file in its way)
/// costs time alone: files are fetched past it.
package struct FileCache: Sendable {
    /// What has to agree, besides the size, for a content to count as the one in the store.
    package enum Check: String, CaseIterable, Sendable {
        case size, mtime
        /// The store's checksum, and that of the content here. Of stores without checksums: as `mtime`.
        case checksum
    }

    let folder: CacheFolder
    let space: CacheSpace
    let check: Check

    /// - Parameters:
    ///   - directory: made where it lacks; on a local disk.
    ///   - limit: bytes that all contents together may have.
    package init(directory: String, limit: UInt64, check: Check) throws(StorageError) {
        do throws(SystemError) {
            folder = try CacheFolder(directory: directory)
        } catch {
            let reason = StorageError(error)
            throw StorageError(reason.kind, "the cache cannot be used: \(reason.message)")
        }
        space = CacheSpace(folder: folder, limit: limit)
        self.check = check
    }

    /// As the store's own `fetch`, from here where that will do.
    /// - Parameter namespace: tells stores apart that give equal names to different files.
    package func fetch(
        _ transfers: [Transfer], from store: some StorageBackend, namespace: String,
        _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        var round = CachedFetch(cache: self, store: store, transfers: transfers, namespace: namespace, progress: progress)
        return round.run()
    }
}
