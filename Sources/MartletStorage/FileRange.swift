import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// A part of a local file.
struct FileRange {
    var path: String
    var offset: UInt64
    var count: UInt64

    /// Bytes in a file; of a directory an error.
    static func size(of path: String) throws(StorageError) -> UInt64 {
        try StorageError.ofSystem { () throws(SystemError) in
            let status = try StatMany.status(of: path)
            if status.isDirectory { throw SystemError(EISDIR, "read", path) }
            return status.size
        }
    }

    /// Hands the bytes over piece by piece.
    /// - Throws: `.corrupt` when the file ends before.
    func read(_ body: (UnsafeRawBufferPointer) -> Void) throws(StorageError) {
        do throws(SystemError) {
            let file = try File.openReading(path)
            var at = offset
            while at < offset + count {
                let piece = try File.readOnce(file, offset: at, count: Int(min(1 << 18, offset + count - at)))
                if piece.isEmpty { break }
                piece.withUnsafeBytes(body)
                at += UInt64(piece.count)
            }
            if at == offset + count { return }
        } catch {
            throw StorageError(error)
        }
        throw StorageError(.corrupt, "\(path) became shorter while it was read")
    }

    func md5() throws(StorageError) -> [UInt8] {
        var sum = MD5()
        try read { sum.update($0) }
        return sum.finalize()
    }
}
