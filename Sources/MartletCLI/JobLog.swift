import MartletAssembly
import MartletModel
import MartletPorts
import MartletSystem

/// What a job prints, where its files are shared with this machine: `jobs/TAG/INDEX.log` in the state directory.
struct JobLog {
    var key: JobKey
    var path: String
    /// How the job is: a heading says so.
    var word: String

    init(_ job: OpenJobs.Job, word: String) { (key, path, self.word) = (job.key, job.log, word) }

    private init(collected key: JobKey, path: String) { (self.key, self.path, word) = (key, path, "collected") }

    /// Those that collected jobs have left, in order: of one that is named by tag and number, or of all with a tag.
    /// - Parameter state: the state directory.
    static func collected(_ name: String, in state: String) -> [JobLog] {
        let dot = name.lastIndex(of: "."), index = dot.flatMap { Int(name[name.index(after: $0)...]) }
        let tag = index == nil ? name : String(name[..<dot!])
        if tag.isEmpty || tag.contains("/") || tag.hasPrefix(".") { return [] }
        let folder = "\(state)/jobs/\(tag)"
        let numbers = names(in: folder).compactMap { $0.hasSuffix(".log") ? Int($0.dropLast(4)) : nil }
        return numbers.sorted().filter { index == nil || $0 == index }.map {
            JobLog(collected: JobKey(tag, $0), path: JobArray.log(of: $0, in: folder))
        }
    }

    private static func names(in folder: String) -> [String] {
        do throws(SystemError) { return try Directory.listIfThere(folder) } catch { return [] }
    }

    var heading: String { "==> \(key.text), \(word): \(path)" }

    /// Its last bytes, and where they end; nothing where there is none yet.
    /// - Throws: `.fileUnreadable`.
    func end(most: Int) throws(Diagnostic) -> (bytes: [UInt8], offset: UInt64) {
        do {
            let length = try File.size(path), begin = length > UInt64(most) ? length - UInt64(most) : 0
            let bytes = try File.read(path, offset: begin, count: most)
            return (bytes, begin + UInt64(bytes.count))
        } catch {
            if error.isAbsence { return ([], 0) }  // it has not begun
            throw Diagnostic(.fileUnreadable, subject: path, cause: error.text)
        }
    }

    /// What has come since an offset; all of it where the job was begun anew, with another file.
    /// - Throws: `.fileUnreadable`.
    func more(since offset: inout UInt64) throws(Diagnostic) -> [UInt8] {
        do {
            let length = try File.size(path)
            if length < offset { offset = 0 }
            let bytes = try File.read(path, offset: offset, count: Int(clamping: min(length - offset, JobLog.piece)))
            offset += UInt64(bytes.count)
            return bytes
        } catch {
            if error.isAbsence { return [] }
            throw Diagnostic(.fileUnreadable, subject: path, cause: error.text)
        }
    }

    private static let piece: UInt64 = 1 << 20
}
