import MartletPorts
import MartletSystem

/// The digest of a local file, by an algorithm that stores have too.
enum LocalDigest {
    /// The cheapest first.
    static let known = ["adler32", "md5", "sha256"]

    /// Reads the whole file. nil for an algorithm that is not known.
    static func of(_ path: String, _ algorithm: String) throws(StorageError) -> String? {
        do throws(SystemError) {
            return try FileDigest.of(path, algorithm)
        } catch {
            throw StorageError(error)
        }
    }
}
