import MartletSystem

/// The right to fetch one content for the cache, of one process at a time. Given up with the last reference.
final class FetchTurn {
    private let path: String
    private let lock: Descriptor

    private init(_ path: String, _ lock: Descriptor) {
        self.path = path
        self.lock = lock
    }

    /// - Parameter waiting: for whoever has it.
    /// - Returns: nil where somebody else has it; when waiting, where a signal came or locks are not to be had.
    static func take(_ folder: CacheFolder, _ key: CacheKey, waiting: Bool) -> FetchTurn? {
        let path = folder.busy(key)
        do throws(SystemError) {
            while true {
                let lock = try File.openAppending(path)
                if waiting { try FileLock.wait(lock) } else if try !FileLock.take(lock) { return nil }
                // who had it before may have removed the file meanwhile: then another one's is the one that counts
                if try FileFacts.ifThere(path)?.inode == FileFacts.of(lock).inode { return FetchTurn(path, lock) }
            }
        } catch {
            return nil
        }
    }

    deinit {
        // one that stays is used again
        do throws(SystemError) { try File.remove(path) } catch {}
    }
}
