import Glibc
import MartletModel
import MartletSystem

/// In a job: what its stdout leads to. In a file each task's part stands in one piece.
struct JobLog {
    let path: String
    private let file: Descriptor
    /// It leads to a file.
    private let isFile: Bool

    /// nil where there is no stdout.
    init?(_ site: JobSite) {
        (path, isFile) = (site.log, site.keepsLog)
        file = Descriptor(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3))
        if file.raw < 0 { return nil }
    }

    /// Bytes by now; 0 where that cannot be told.
    var length: Int64 {
        do throws(SystemError) { return try File.length(file) } catch { return 0 }
    }

    /// Appends what a task has printed elsewhere. - Returns: where it is found now: where it was, if that cannot be done, or
    /// nobody can tell what becomes of it here.
    func take(_ span: Execution.LogSpan) -> Execution.LogSpan {
        if span.file == path { return span }
        let begin = length
        do throws(SystemError) {
            _ = lseek(file.raw, 0, SEEK_END)
            var at = span.offset
            while at < span.offset + span.length {
                let most = min(1 << 20, span.offset + span.length - at)
                let piece = try File.read(span.file, offset: UInt64(at), count: Int(most))
                if piece.isEmpty { break }
                try File.writeAll(file, piece)
                at += Int64(piece.count)
            }
            return isFile ? Execution.LogSpan(file: path, offset: begin, length: at - span.offset) : span
        } catch {
            return span
        }
    }
}
