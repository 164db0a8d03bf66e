import Glibc

/// A new, empty directory that is removed, with everything in it, when the last reference goes.
public final class ScratchDirectory: Sendable {
    public let path: String

    public struct Refused: Error {
        public let code: Int32
    }

    /// - Parameters:
    ///   - name: a part of the directory's name, to see whose it is.
    ///   - parent: an absolute path.
    public init(_ name: String, in parent: String = "/tmp") throws(Refused) {
        var template = Array("\(parent)/martlet-\(name)-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            mkdtemp(buffer.baseAddress!).map { String(cString: $0) }
        }
        guard let made else { throw Refused(code: errno) }
        path = made
    }

    deinit {
        if !ScratchDirectory.remove(path) { print("could not remove \(path): error \(errno)") }
    }

    private static func remove(_ path: String) -> Bool {
        if unlink(path) == 0 { return true }
        // a test may have closed it
        chmod(path, 0o700)
        guard let stream = opendir(path) else { return false }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        closedir(stream)
        let emptied = names.filter { $0 != "." && $0 != ".." }.map { remove("\(path)/\($0)") }
        return !emptied.contains(false) && rmdir(path) == 0
    }
}
