import MartletModel
import MartletSystem

/// What the program around a command has stored elsewhere, as it notes it: `[[location, size, modified, checksum], …]`, where
/// a checksum is text of the form `adler32:0a1b2c3d`, empty where none was asked for.
enum StoredNote {
    /// What cannot be read is not told: the outputs themselves are there all the same.
    static func read(_ path: String?) -> [OutputCommit.Made] {
        guard let path, let bytes = try? File.read(path), let rows = (try? JSON.parse(bytes))?.array else { return [] }
        return rows.compactMap { row in
            guard let row = row.array, row.count == 4, let location = row[0].string, let size = row[1].integer,
                let modified = row[2].integer, let checksum = row[3].string
            else { return nil }
            return OutputCommit.Made(path: location, size: size, modified: modified, checksum: checksum)
        }
    }
}
