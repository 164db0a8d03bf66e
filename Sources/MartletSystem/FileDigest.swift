import MartletModel

/// Checksums of local files by the names that stores and reports give them.
public enum FileDigest {
    /// Reads the whole file.
    /// - Returns: lower-case hexadecimal digits; nil where the algorithm is not known here.
    public static func of(_ path: String, _ algorithm: String) throws(SystemError) -> String? {
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
