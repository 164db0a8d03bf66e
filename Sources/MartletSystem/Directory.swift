import Glibc

/// Calls on local directories.
public enum Directory {
    /// Makes a directory and its parents; content with one that exists.
    public static func make(_ path: String) throws(SystemError) {
        if mkdir(path, 0o777) == 0 { return }
        let code = errno
        switch code {
        case EEXIST:
            guard isDirectory(path) else { throw SystemError(ENOTDIR, "mkdir", path) }
        case ENOENT:
            let parent = parent(of: path)
            if parent == path || parent.isEmpty { throw SystemError(code, "mkdir", path) }
            try make(parent)
            // another process may have been quicker
            guard mkdir(path, 0o777) == 0 || (errno == EEXIST && isDirectory(path)) else { throw .last("mkdir", path) }
        default:
            // e.g. EROFS or EACCES above a directory that is there already
            guard isDirectory(path) else { throw SystemError(code, "mkdir", path) }
        }
    }

    /// Makes a directory that only the user may look into; content with one that exists, whoever may.
    public static func makePrivate(_ path: String) throws(SystemError) {
        if mkdir(path, 0o700) != 0 && errno != EEXIST { throw .last("mkdir", path) }
    }

    /// Everything before the last name: `/a/b` of `/a/b/c`, `.` of `c`, `/` of `/a`.
    public static func parent(of path: String) -> String {
        var bytes = Array(path.utf8)
        while bytes.count > 1 && bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        var head = bytes[..<slash]
        while head.last == UInt8(ascii: "/") { head.removeLast() }
        return head.isEmpty ? "/" : String(decoding: head, as: UTF8.self)
    }

    /// Links are followed; false also when it cannot be looked at.
    public static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.isDirectory
    }

    /// When it was last changed, in nanoseconds since 1970-01-01 UTC; nil when that cannot be found out.
    public static func modified(_ path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? status.modified : nil
    }

    /// Whether what is in it can be looked at, with the rights of the effective user.
    public static func isSearchable(_ path: String) -> Bool { faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 }

    /// Whether the system says that there is no such directory.
    public static func isAbsent(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 && errno == ENOENT
    }

    /// Names in a directory; none where there is no such directory.
    public static func listIfThere(_ path: String) throws(SystemError) -> [String] {
        do throws(SystemError) { return try list(path).map(\.name) } catch {
            if error.code == ENOENT { return [] }
            throw error
        }
    }

    /// Names and kinds, `.` and `..` apart, sorted by the names' bytes. Links count as what they point to.
    public static func list(_ path: String) throws(SystemError) -> [(name: String, isDirectory: Bool)] {
        guard let stream = opendir(path) else { throw .last("opendir", path) }
        defer { closedir(stream) }
        var entries: [(name: String, isDirectory: Bool)] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .last("readdir", path) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let kind = Int(entry.pointee.d_type)
            let isPlain = kind != Int(DT_UNKNOWN) && kind != Int(DT_LNK)
            entries.append((name, isPlain ? kind == Int(DT_DIR) : isDirectory(path + "/" + name)))
        }
        return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Removes an empty directory.
    public static func remove(_ path: String) throws(SystemError) {
        guard rmdir(path) == 0 else { throw .last("rmdir", path) }
    }

    /// Removes a file, or a directory with all that is in it; content when nothing is there. Links are not followed.
    public static func removeTree(_ path: String) throws(SystemError) {
        if unlink(path) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw .last("unlink", path) }
        for entry in try list(path) {
            let inner = "\(path)/\(entry.name)"
            // a link to a directory is a link
            if unlink(inner) != 0 { try removeTree(inner) }
        }
        try remove(path)
    }

    /// The path as it counts from everywhere; as it is where this process is in no directory any more.
    public static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        do throws(SystemError) { return "\(try current())/\(path)" } catch { return path }
    }

    public static func current() throws(SystemError) -> String {
        guard let raw = getcwd(nil, 0) else { throw .last("getcwd") }
        defer { free(raw) }
        return String(cString: raw)
    }
}

extension stat {
    var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
    /// Nanoseconds since 1970-01-01 UTC.
    var modified: Int64 { Int64(st_mtim.tv_sec) * 1_000_000_000 + Int64(st_mtim.tv_nsec) }
}
