import CSystem
import Glibc

/// A write lock on a whole file, kept by the kernel (an "open file description" lock).
///
/// It belongs to the open file: processes that were forked while it was open share it, and it is gone when the last of
/// them has closed the file or has ended, however it ended. Programs that were started have closed it.
public enum FileLock {
    /// Never waits.
    /// - Returns: false when somebody else holds it.
    /// - Throws: ENOLCK, ENOTSUP, EINVAL … where the file system has no locks.
    public static func take(_ file: Descriptor) throws(SystemError) -> Bool {
        if csystem_lock(file.raw) == 0 { return true }
        if errno == EAGAIN || errno == EACCES { return false }
        throw .last("lock")
    }

    /// Waits until nobody else holds it.
    /// - Throws: EINTR when a signal came; ENOLCK, ENOTSUP, EINVAL … as above.
    public static func wait(_ file: Descriptor) throws(SystemError) {
        if csystem_lock_wait(file.raw) != 0 { throw .last("lock") }
    }

    /// Gives it up for every process that shares the open file.
    public static func give(_ file: Descriptor) { _ = csystem_unlock(file.raw) }

    /// Whether somebody else holds it.
    public static func isHeld(_ file: Descriptor) throws(SystemError) -> Bool {
        let answer = csystem_is_locked(file.raw)
        if answer < 0 { throw .last("lock") }
        return answer == 1
    }
}
