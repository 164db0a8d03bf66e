import MartletModel
import MartletSystem

/// Checksums of local files by the names that reports give them.
enum FileDigest {
    /// - Returns: lower-case hexadecimal digits; nil where the algorithm is not known here.
    static func of(_ path: String, _ algorithm: String) throws(SystemError) -> String? {
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
    }
}
