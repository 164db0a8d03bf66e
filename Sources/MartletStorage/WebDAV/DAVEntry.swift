import MartletPorts

/// What a server says of one of its resources (RFC 4918, section 14.24).
struct DAVEntry: Equatable, Sendable {
    /// Decoded, from its first slash on, without one at its end.
    var path: String
    /// Why nothing is said of it; 200 where something is.
    var status = 200
    var isDirectory = false
    var size: UInt64?
    /// Nanoseconds since 1970-01-01 UTC.
    var modified: Int64?
    /// ownCloud's and its kin's: `SHA1:… MD5:… ADLER32:…`
    var checksums: String?

    var name: String { path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path }

    var fileStatus: FileStatus {
        FileStatus(size: isDirectory ? 0 : size ?? 0, modified: modified ?? 0, isDirectory: isDirectory)
    }
}
