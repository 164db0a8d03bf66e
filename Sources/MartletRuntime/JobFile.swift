import MartletModel
import MartletPorts
import MartletSystem

/// The description of a submission's jobs: a line for all of them, then a line for each slice, `{"tasks": [object, …]}`. The
/// first has, besides what the settings say, the submission's `tag`, what each `job` of it has asked for, which may be more
/// than its tasks do, and the `facts` that tasks refer to, by digest.
/// `martlet job FILE INDEX` (`python/martlet/job.py`) reads it, and leaves outcome frames beside it.
///
/// `after` is a moment (docs/reports.md) that what its jobs report is to be later than.
///
/// Of pilots the first line has a member more, `"pilots": {"count": jobs, "walltime": seconds or null, "file": its path}`.
enum JobFile {
    static func write(_ new: WaitingTasks.NewArray, _ settings: JobSettings, after moment: Int64) throws(SystemError) {
        let path = settings.jobFile(of: new.tag)
        let isEmpty = settings.head == Array("{}".utf8)
        var writer = JSONWriter(appendingTo: Array(settings.head.dropLast()), afterMember: !isEmpty)
        writer.name("tag")
        writer.string(new.tag)
        writer.name("job")
        writer.value(asked(new.options))
        if let pilots = new.pilots {
            writer.name("pilots")
            writer.value([
                "count": JSON(pilots), "walltime": new.options.walltime.map(JSON.number) ?? .null, "file": .string(path),
            ])
        }
        writer.name("after")
        writer.integer(moment)
        let bytes = described(new.slices, writer)
        try Directory.make(settings.folder(of: new.tag))
        try ArrayFile(new, settings).write(in: settings.folder(of: new.tag))
        try File.replace(path, with: bytes)
    }

    /// What tasks of a job share.
    private static func asked(_ options: JobOptions) -> JSON {
        var members: [JSONMember] = []
        if let cores = options.cores { members.append(JSONMember("cores", JSON(cores))) }
        if let memory = options.memory { members.append(JSONMember("memory", .integer(Int64(clamping: memory)))) }
        return .object(members)
    }

    /// Further slices of a submission of pilots, from number `first` on, with the facts that they refer to: there whole, or
    /// not at all.
    static func add(
        _ slices: [[WaitingTasks.One]], from first: Int, in folder: String, after moment: Int64
    ) throws(SystemError) {
        var writer = JSONWriter(appendingTo: Array("{".utf8))
        writer.name("after")
        writer.integer(moment)
        try File.replace(JobArray.added(from: first, in: folder), with: described(slices, writer))
    }

    /// - Parameter writer: the members of the first line before the facts.
    private static func described(_ slices: [[WaitingTasks.One]], _ writer: consuming JSONWriter) -> [UInt8] {
        var facts: [String: Fact] = [:]
        for fact in slices.joined().lazy.flatMap(\.request.facts) where facts[fact.digest] == nil { facts[fact.digest] = fact }
        writer.name("facts")
        writer.value(.object(facts.sorted { $0.key < $1.key }.map { JSONMember($0.key, $0.value.content) }))
        var bytes = writer.bytes + Array("}\n".utf8)
        for slice in slices {
            bytes += Array("{\"tasks\":[".utf8)
            for (place, one) in slice.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += one.request.description
            }
            bytes += Array("]}\n".utf8)
        }
        return bytes
    }

    /// What a job has left so far. Where there is nothing, or the file holds something else, the end of the job says more
    /// than how it is broken.
    static func result(_ path: String) -> JobResult {
        FailPoint.jobsCollect.pass()
        do throws(SystemError) {
            return JobResult(try File.read(path))
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
            let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).last
            // it is for a terminal
            let shown = line?.unicodeScalars.filter { $0.properties.generalCategory != .control }.prefix(400)
            return shown.map { String(String.UnicodeScalarView($0)) }
        } catch {
            return nil
        }
    }
}
