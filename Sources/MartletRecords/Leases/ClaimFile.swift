import Glibc
import MartletModel
import MartletSystem

/// This run's own claims: a file that it alone writes, appending whole records.
final class ClaimFile {
    let name: String
    let path: String
    /// Forked processes keep it open, so that a lock on it lives as long as one of them may still write an output.
    let file: Descriptor
    private var length: Int64 = 0

    static let fileExtension = ".claims"

    /// Makes the file, without its header.
    init(directory: String) throws(Diagnostic) {
        let host = Host.name().prefix { $0 != "." }.filter { $0 != "/" }
        name = "\(host)-\(Host.pid)-\(Host.randomToken(bytes: 4))\(ClaimFile.fileExtension)"
        path = "\(directory)/\(name)"
        do {
            file = try File.openAppending(path, exclusive: true)
        } catch {
            throw Diagnostic(.recordUnwritable, subject: path, cause: error.text)
        }
    }

    /// Appends everything or nothing.
    func append(_ bytes: [UInt8], synchronized: Bool = false) throws(Diagnostic) {
        if bytes.isEmpty { return }
        do throws(SystemError) {
            _ = try FailPoint.leaseClaim.allows("write", path)
            try File.writeAll(file, bytes)
            if synchronized { try File.synchronize(file) }
            length += Int64(bytes.count)
        } catch {
            // half a record is no claim: readers wait for the rest, which never comes
            do throws(SystemError) { try File.truncate(file, to: length) } catch {}
            throw Diagnostic(.recordUnwritable, subject: path, cause: error.text)
        }
    }

    func remove() { ClaimFile.remove(path) }

    /// Removes a claims file and the heartbeat beside it.
    static func remove(_ path: String) {
        unlink(path)
        unlink(HeartbeatWatch.path(of: path))
    }
}
