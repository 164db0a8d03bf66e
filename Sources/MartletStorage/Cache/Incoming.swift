import Glibc
import MartletSystem

/// Where one process keeps what it fetches for the cache until it is whole. Removed with the last reference; when the
/// process was killed, by whoever makes room next.
final class Incoming {
    static let prefix = "incoming-"
    let path: String
    private let lock: Descriptor

    init(in folder: CacheFolder) throws(SystemError) {
        path = "\(folder.path)/\(Incoming.prefix)\(Host.pid)-\(Host.randomToken())"
        // nobody looks for leftovers before the lock is held
        let path = path
        lock = try folder.changing { () throws(SystemError) in
            try Directory.makePrivate(path)
            let lock = try File.openAppending("\(path)/lock")
            try FileLock.wait(lock)
            return lock
        }
    }

    deinit {
        // what cannot be removed now is left as by a killed process
        do throws(SystemError) { try Directory.removeTree(path) } catch {}
    }

    /// Within `CacheFolder.changing`.
    static func removeIfAbandoned(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            let lock = try File.openItself("\(path)/lock")
            if try FileLock.isHeld(lock) { return }
        } catch {
            guard error.code == ENOENT || error.code == ELOOP else { throw error }
        }
        try Directory.removeTree(path)
    }
}
