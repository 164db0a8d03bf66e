import MartletModel
import MartletPorts
import MartletSystem

/// The description of a submission's jobs: a line for all of them, then a line for each, `{"tasks": [object, …]}`. The first
/// has, besides what the settings say, the submission's `tag`, and the `facts` that tasks refer to, by digest.
/// `martlet job FILE INDEX` (`python/martlet/job.py`) reads it, and leaves outcome frames beside it.
enum JobFile {
    static func write(_ slices: [[JobRequest]], _ settings: JobSettings, tag: String) throws(SystemError) {
        var bytes = head(slices, settings, tag)
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

    private static func head(_ slices: [[JobRequest]], _ settings: JobSettings, _ tag: String) -> [UInt8] {
        var facts: [String: Fact] = [:]
        for fact in slices.joined().lazy.flatMap(\.facts) where facts[fact.digest] == nil { facts[fact.digest] = fact }
        let isEmpty = settings.head == Array("{}".utf8)
        var writer = JSONWriter(appendingTo: Array(settings.head.dropLast()), afterMember: !isEmpty)
        writer.name("tag")
        writer.string(tag)
        writer.name("facts")
        writer.value(.object(facts.sorted { $0.key < $1.key }.map { JSONMember($0.key, $0.value.content) }))
        return writer.bytes + Array("}\n".utf8)
    }

    /// What a job has left so far. Where there is nothing, or the file holds something else, the end of the job says more
    /// than how it is broken.
    static func result(_ path: String) -> JobResult {
        FailPoint.jobsCollect.pass()
        do {
            return try JobResult(try File.read(path))
        } catch {
            return JobResult()
        }
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
}
