import Glibc

/// Further names and copies of files.
extension File {
    /// The absolute path of what is there, without symbolic links; nil where that cannot be found out.
    public static func realPath(_ path: UnsafePointer<CChar>) -> [UInt8]? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return [UInt8](UnsafeRawBufferPointer(start: real, count: strlen(real)))
    }

    /// Opens what has this very name: a link is refused (ELOOP), and a pipe does not make the caller wait.
    public static func openItself(_ path: String) throws(SystemError) -> Descriptor {
        while true {
            let fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            if fd >= 0 { return Descriptor(fd) }
            if errno != EINTR { throw .last("open", path) }
        }
    }

    /// Gives an open file one more name, which must be free, on the same file system: EXDEV elsewhere, ENOENT when the
    /// file has lost all its names.
    public static func link(_ file: Descriptor, as path: String) throws(SystemError) {
        guard linkat(AT_FDCWD, "/proc/self/fd/\(file.raw)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 else {
            throw .last("link", path)
        }
    }

    /// Whether an open file is what is found under a name; false also when the server that kept it knows it no more, true
    /// where it cannot be looked at for another reason.
    public static func hasName(_ file: Descriptor, _ path: String) -> Bool {
        var own = stat(), named = stat()
        guard fstat(file.raw, &own) == 0 else { return errno != ESTALE }
        if own.st_nlink == 0 { return false }
        guard stat(path, &named) == 0 else { return errno != ENOENT && errno != ESTALE }
        return own.st_ino == named.st_ino && own.st_dev == named.st_dev
    }

    /// Makes a new file, whose name must be free, with the content of an open one. What has failed leaves nothing.
    public static func copy(_ file: Descriptor, as path: String) throws(SystemError) {
        let copy = try openNew(path)
        do throws(SystemError) {
            var at: UInt64 = 0
            while true {
                let piece = try readOnce(file, offset: at, count: 1 << 20)
                if piece.isEmpty { return }
                try writeAll(copy, piece)
                at += UInt64(piece.count)
            }
        } catch {
            _ = unlink(path)
            throw error
        }
    }

    /// One pread(2): bytes from `offset` on, `count` at the most, none at the end of the file.
    public static func readOnce(_ file: Descriptor, offset: UInt64, count: Int) throws(SystemError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { room, taken in
            var got = pread(file.raw, room.baseAddress, room.count, off_t(clamping: offset))
            while got < 0 && errno == EINTR { got = pread(file.raw, room.baseAddress, room.count, off_t(clamping: offset)) }
            if got < 0 { failure = errno }
            taken = max(got, 0)
        }
        if failure != 0 { throw SystemError(failure, "read") }
        return bytes
    }

    /// Nobody may write to it from now on; whoever has it open may go on.
    public static func makeReadOnly(_ path: String) throws(SystemError) {
        guard chmod(path, 0o444) == 0 else { throw .last("chmod", path) }
    }

    /// It counts as modified now.
    public static func touch(_ path: String) throws(SystemError) {
        guard utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last("utimensat", path) }
    }

    /// It counts as read and modified at this time, in nanoseconds since 1970-01-01 UTC.
    public static func setModified(_ path: String, _ time: Int64) throws(SystemError) {
        let moment = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
        guard utimensat(AT_FDCWD, path, [moment, moment], AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .last("utimensat", path)
        }
    }
}
