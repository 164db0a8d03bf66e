import Glibc
import MartletModel
import MartletSystem

/// The segment files of a directory as they are now.
enum SegmentSurvey {
    struct Found {
        var name: String
        var size: Int64
        /// Nanoseconds since 1970-01-01 UTC.
        var modified: Int64
    }

    /// By name; those that vanish meanwhile are left out.
    /// - Parameter fresh: what another machine wrote a moment ago counts too; else asking costs less.
    static func files(in directory: String, fresh: Bool = true) throws(Diagnostic) -> [Found] {
        var files: [Found] = []
        for path in try SegmentReader.segments(in: directory) {
            do throws(SystemError) {
                // opened: of a file that was only asked for, NFS may tell what it was some seconds ago
                let facts = fresh ? try FileFacts.of(try File.openReading(path)) : try FileFacts.of(name: path)
                files.append(
                    Found(
                        name: String(path.dropFirst(directory.count + 1)), size: Int64(clamping: facts.size),
                        modified: facts.modified))
            } catch {
                if error.code != ENOENT { throw Diagnostic(.recordUnreadable, subject: path, cause: error.text) }
            }
        }
        return files
    }
}
