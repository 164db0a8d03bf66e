import MartletModel
import MartletPorts
import MartletSystem

/// The description of a submission's jobs: a line for all of them, then a line for each, `{"tasks": [object, …]}`.
/// `martlet job FILE INDEX` (`python/martlet/job.py`) reads it, and leaves outcome frames beside it.
enum JobFile {
    static func write(_ slices: [[JobRequest]], _ settings: JobSettings, tag: String) throws(SystemError) {
        var bytes = settings.head
        bytes.append(UInt8(ascii: "\n"))
        for slice in slices {
            bytes += Array("{\"tasks\":[".utf8)
            for (place, request) in slice.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += request.description
            }
            bytes += Array("]}\n".utf8)
        }
        try Directory.make(settings.folder(of: tag))
        try File.replace(settings.jobFile(of: tag), with: bytes)
    }

    /// The outcomes that a job has left so far, by the task's place in its slice; the last of each counts.
    static func outcomes(_ path: String) -> [Int: OutcomeFrame] {
        FailPoint.jobsCollect.pass()
        guard let frames = whole(path) else { return [:] }
        return Dictionary(frames.map { (Int($0.task.raw), $0) }) { $1 }
    }

    static func isThere(_ path: String) -> Bool {
        do throws(SystemError) { _ = try File.size(path) } catch { return false }
        return true
    }

    /// nil where there is none.
    static func lastLine(_ path: String) -> String? {
        do {
            let length = try File.size(path), most: UInt64 = 2000
            let bytes = try File.read(path, offset: length > most ? length - most : 0, count: Int(most))
            return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).last.map(String.init)
        } catch {
            return nil
        }
    }

    /// nil where there are none, or the file holds something else: the end of the job says more than how it is broken.
    private static func whole(_ path: String) -> [OutcomeFrame]? {
        do {
            var bytes = try File.read(path)
            return try OutcomeFrame.readAll(&bytes)
        } catch {
            return nil
        }
    }
}
