import MartletModel
import MartletPorts
import MartletSystem

/// The digest of a local file, by an algorithm that stores have too.
enum LocalDigest {
    /// The cheapest first.
    static let known = ["adler32", "md5", "sha256"]

    /// Reads the whole file. nil for an algorithm that is not known.
    static func of(_ path: String, _ algorithm: String) throws(StorageError) -> String? {
        do throws(SystemError) {
            switch algorithm {
            case "adler32":
                var sum = Adler32()
                try File.readPieces(path) { sum.update($0) }
                return Hex.text(sum.value)
            case "md5":
                var sum = MD5()
                try File.readPieces(path) { sum.update($0) }
                return Hex.text(sum.finalize())
            case "sha256":
                var sum = SHA256()
                try File.readPieces(path) { sum.update($0) }
                return Hex.text(sum.finalize())
            default: return nil
            }
        } catch {
            throw StorageError(error)
        }
    }
}
