import Glibc
import MartletPorts
import MartletSystem

extension StorageError {
    /// Sorts what the operating system said into the classes of the port.
    init(_ error: SystemError) { self.init(StorageError.kind(of: error.code), error.description) }

    /// Does something with local files, whose errors are told as a store's are.
    static func ofSystem<T>(_ body: () throws(SystemError) -> T) throws(StorageError) -> T {
        do throws(SystemError) { return try body() } catch { throw StorageError(error) }
    }

    /// A code that is not listed is worth another try: nothing may be taken for absent or impossible by mistake.
    package static func kind(of code: Int32) -> Class {
        switch code {
        case ENOENT, ENOTDIR: return .absent
        case EACCES, EPERM, EROFS: return .denied
        case ENOSPC, EDQUOT: return .full
        case EISDIR, EEXIST, ENOTEMPTY, EXDEV, ENAMETOOLONG, EINVAL, ELOOP, EFBIG, ENOTSUP, ENOSYS, EMLINK:
            return .unsupported
        // ESTALE, ETIMEDOUT, EIO, EINTR, EAGAIN, EBUSY, ENETDOWN, EHOSTDOWN, EMFILE, ENFILE, ENOMEM, …
        default: return .transient
        }
    }
}
