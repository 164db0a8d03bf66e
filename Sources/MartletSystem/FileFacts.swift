import Glibc

/// What the system says of a file itself, whatever its names are.
public struct FileFacts: Equatable, Sendable {
    public var device: UInt64
    public var inode: UInt64
    public var size: UInt64  // bytes
    public var modified: Int64  // nanoseconds since 1970-01-01 UTC
    public var owner: UInt32
    public var isRegular: Bool
    public var isDirectory: Bool
    /// Whether others than the owner may change it, or what is in it.
    public var isWritableByOthers: Bool

    fileprivate init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = UInt64(clamping: status.st_size)
        modified = status.modified
        owner = status.st_uid
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isDirectory = status.isDirectory
        isWritableByOthers = status.st_mode & 0o022 != 0
    }

    public static func of(_ file: Descriptor) throws(SystemError) -> FileFacts {
        var status = stat()
        guard fstat(file.raw, &status) == 0 else { throw .last("stat") }
        return FileFacts(status)
    }

    /// A link is not followed: it is the link that is told of.
    public static func of(name path: String) throws(SystemError) -> FileFacts {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .last("stat", path) }
        return FileFacts(status)
    }

    /// The same; nil where nothing has the name.
    public static func ifThere(_ path: String) throws(SystemError) -> FileFacts? {
        do throws(SystemError) {
            return try of(name: path)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    /// Whether the effective user owns it.
    public var isOurs: Bool { owner == geteuid() }
}
