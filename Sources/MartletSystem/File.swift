import CSystem
import Glibc

/// Calls on local files. Interrupted calls are repeated; every refusal is thrown as it came.
public enum File {
    /// Opens for appending, making the file when `create` says so.
    /// - Parameter exclusive: fail with EEXIST rather than open a file that is there.
    public static func openAppending(_ path: String, exclusive: Bool = false) throws(SystemError) -> Descriptor {
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | (exclusive ? O_EXCL : 0)
        return try open(path, flags)
    }

    public static func openReading(_ path: String) throws(SystemError) -> Descriptor {
        try open(path, O_RDONLY | O_CLOEXEC)
    }

    /// Makes a file that must not exist yet.
    public static func openNew(_ path: String) throws(SystemError) -> Descriptor {
        try open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)
    }

    /// Opens for writing at any place, making the file where it lacks; what it holds stays.
    public static func openWriting(_ path: String) throws(SystemError) -> Descriptor {
        try open(path, O_WRONLY | O_CREAT | O_CLOEXEC)
    }

    private static func open(_ path: String, _ flags: Int32) throws(SystemError) -> Descriptor {
        while true {
            let fd = Glibc.open(path, flags, 0o666)
            if fd >= 0 { return Descriptor(fd) }
            if errno != EINTR { throw .last("open", path) }
        }
    }

    /// One write(2).
    /// - Returns: how many bytes were taken, which may be fewer than given.
    public static func writeOnce(_ file: Descriptor, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        while true {
            let count = write(file.raw, bytes.baseAddress, bytes.count)
            if count >= 0 { return count }
            if errno != EINTR { throw .last("write") }
        }
    }

    /// Writes everything, in as many calls as it takes.
    public static func writeAll(_ file: Descriptor, _ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var at = 0
        while at < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
            let taken = try writeOnce(file, rest)
            at += taken
        }
    }

    public static func writeAll(_ file: Descriptor, _ bytes: [UInt8]) throws(SystemError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(SystemError) -> Void in
            try writeAll(file, UnsafeRawBufferPointer(buffer))
        }
    }

    /// Writes everything at a place of the file, which need not be within it.
    public static func writeAll(
        _ file: Descriptor, _ bytes: UnsafeRawBufferPointer, at offset: UInt64
    ) throws(SystemError) {
        var at = 0
        while at < bytes.count {
            let count = pwrite(file.raw, bytes.baseAddress! + at, bytes.count - at, off_t(offset) + off_t(at))
            if count >= 0 {
                at += count
            } else if errno != EINTR {
                throw .last("write")
            }
        }
    }

    /// The whole file.
    public static func read(_ path: String) throws(SystemError) -> [UInt8] {
        let file = try openReading(path)
        var status = stat()
        guard fstat(file.raw, &status) == 0 else { throw .last("stat", path) }
        var bytes: [UInt8] = []
        // files in /proc call themselves empty; one byte more than the size finds the end in one call fewer
        var wanted = max(Int(status.st_size) + 1, 4096)
        while true {
            let chunk = try readOnce(file, wanted, path)
            if chunk.isEmpty { return bytes }
            if bytes.isEmpty { bytes = chunk } else { bytes.append(contentsOf: chunk) }
            wanted = max(wanted - chunk.count, 65536)
        }
    }

    /// Bytes `offset..<offset + count`, fewer at the end of the file.
    public static func read(_ path: String, offset: UInt64, count: Int) throws(SystemError) -> [UInt8] {
        let file = try openReading(path)
        guard lseek(file.raw, off_t(clamping: offset), SEEK_SET) >= 0 else { throw .last("seek", path) }
        var bytes: [UInt8] = []
        while bytes.count < count {
            let chunk = try readOnce(file, count - bytes.count, path)
            if chunk.isEmpty { break }
            bytes.append(contentsOf: chunk)
        }
        return bytes
    }

    /// Hands a file's bytes over piece by piece, 256 kB at the most.
    public static func readPieces(
        _ path: String, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(SystemError) {
        let file = try openReading(path)
        while true {
            let piece = try readOnce(file, 1 << 18, path)
            if piece.isEmpty { return }
            piece.withUnsafeBytes(body)
        }
    }

    /// Appends all of a file to an open one.
    /// - Parameter copied: hears of each piece how many bytes it has; what it throws ends the copy.
    public static func copy(
        _ path: String, into file: Descriptor, _ copied: (Int) throws(SystemError) -> Void = { _ in }
    ) throws(SystemError) {
        let source = try openReading(path)
        while true {
            let piece = try readOnce(source, 1 << 20, path)
            if piece.isEmpty { return }
            try writeAll(file, piece)
            try copied(piece.count)
        }
    }

    private static func readOnce(_ file: Descriptor, _ wanted: Int, _ path: String) throws(SystemError) -> [UInt8] {
        var failure: Int32 = 0
        // a read of more than 2^31 bytes is cut short by Linux anyway
        let bytes = [UInt8](unsafeUninitializedCapacity: min(wanted, 1 << 30)) { buffer, count in
            var got = Glibc.read(file.raw, buffer.baseAddress, buffer.count)
            while got < 0 && errno == EINTR { got = Glibc.read(file.raw, buffer.baseAddress, buffer.count) }
            if got < 0 { failure = errno }
            count = max(got, 0)
        }
        if failure != 0 { throw SystemError(failure, "read", path) }
        return bytes
    }

    /// Bytes in a file.
    public static func size(_ path: String) throws(SystemError) -> UInt64 {
        // opened: of a file that was only asked for, NFS may tell what it was some seconds ago
        let file = try openReading(path)
        var status = stat()
        guard fstat(file.raw, &status) == 0 else { throw .last("stat", path) }
        return UInt64(clamping: status.st_size)
    }

    /// The content is on disk when this returns; its size too.
    public static func synchronize(_ file: Descriptor) throws(SystemError) {
        while fdatasync(file.raw) != 0 { if errno != EINTR { throw .last("fdatasync") } }
    }

    /// The names inside a directory are on disk when this returns. File systems that cannot do it are passed over.
    public static func synchronizeDirectory(_ path: String) throws(SystemError) {
        let directory = try open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        while fsync(directory.raw) != 0 {
            if errno == EINVAL || errno == ENOTSUP || errno == EROFS { return }
            if errno != EINTR { throw .last("fsync", path) }
        }
    }

    /// A file without a name, in memory, that is appended to.
    public static func inMemory(_ name: String) throws(SystemError) -> Descriptor {
        let file = Descriptor(csystem_memory_file(name))
        guard file.raw >= 0, fcntl(file.raw, F_SETFL, O_APPEND) == 0 else { throw .last("memfd_create") }
        return file
    }

    /// The last bytes of an open file, wherever it is read or written at the moment.
    public static func tail(_ file: Descriptor, most: Int) throws(SystemError) -> [UInt8] {
        let length = Int(try length(file))
        let begin = max(0, length - most)
        var got = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: length - begin) { buffer, count in
            got = pread(file.raw, buffer.baseAddress, buffer.count, off_t(begin))
            count = max(0, got)
        }
        if got < 0 { throw .last("read") }
        return bytes
    }

    /// Bytes that the file holds now.
    public static func length(_ file: Descriptor) throws(SystemError) -> Int64 {
        var status = stat()
        guard fstat(file.raw, &status) == 0 else { throw .last("stat") }
        return Int64(status.st_size)
    }

    public static func truncate(_ file: Descriptor, to length: Int64) throws(SystemError) {
        while ftruncate(file.raw, off_t(length)) != 0 { if errno != EINTR { throw .last("truncate") } }
    }

    /// Replaces what has the new name, in one step.
    public static func rename(_ from: String, to: String) throws(SystemError) {
        guard Glibc.rename(from, to) == 0 else { throw .last("rename", to) }
    }

    /// Removes a file.
    public static func remove(_ path: String) throws(SystemError) {
        guard unlink(path) == 0 else { throw .last("unlink", path) }
    }

    /// Writes a file under a temporary name beside it and renames it: it is there whole or not at all.
    public static func replace(_ path: String, with bytes: [UInt8], durable: Bool = false) throws(SystemError) {
        let temporary = temporaryName(besides: path)
        do throws(SystemError) {
            let file = try openNew(temporary)
            try writeAll(file, bytes)
            if durable { try synchronize(file) }
            if try FailPoint.fileRename.allows("rename", path) { try rename(temporary, to: path) }
            FailPoint.fileRenamed.pass()
        } catch {
            _ = unlink(temporary)
            throw error
        }
    }

    /// `.<name>.martlet-<host>-<pid>-<random>.tmp` in the directory of `path`.
    public static func temporaryName(besides path: String) -> String {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { path[...$0] } ?? ""
        let name = slash.map { path[path.utf8.index(after: $0)...] } ?? path[...]
        let suffix = ".martlet-\(Host.name())-\(Host.pid)-\(Host.randomToken()).tmp"
        // a name has 255 bytes at the most
        var kept = name
        while kept.utf8.count + suffix.utf8.count + 1 > 255 { kept = kept.dropLast() }
        return "\(directory).\(kept)\(suffix)"
    }
}
