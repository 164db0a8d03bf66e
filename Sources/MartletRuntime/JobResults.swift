import Glibc
import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem

/// In a job: writes its result (`JobResult`), each outcome on disk before the next begins.
struct JobResults {
    private let path: String
    /// Reports travel with the result, since those who collect it do not see where they were written.
    private let carries: Bool
    private let segments: any SegmentFolder
    /// One write(2); tests put a disk that fills up in its place.
    typealias Write = (Descriptor, UnsafeRawBufferPointer) throws(SystemError) -> Int
    private let writeOnce: Write
    /// How much of which segment has been written.
    private var carried: (segment: String, length: UInt64) = ("", 0)
    /// Bytes of whole frames in the file, where others stand behind them that could not be taken back.
    private var whole: Int64?

    init(
        _ site: JobSite, _ segments: any SegmentFolder,
        write: @escaping Write = { (file, bytes) throws(SystemError) in try File.writeOnce(file, bytes, at: .jobResult) }
    ) {
        (path, carries, self.segments, writeOnce) = (site.result, site.carriesReports, segments, write)
    }

    /// Of a job that is begun anew: leaves of its tasks what an earlier process of it has reported done, and not left behind.
    /// - Parameter tasks: ids, by their places in the slice.
    /// - Returns: places of the tasks that are done, and the latest moment of what the job has reported.
    /// - Throws: when the result can be neither read nor written.
    static func complete(
        _ site: JobSite, tasks: [String], _ segments: any SegmentFolder
    ) throws(SystemError) -> (done: [Int], latest: Int64?) {
        let result = JobResult(try File.read(site.result))
        var results = JobResults(site, segments), notes = JobNotes(system: "")
        if let last = result.carried.last { results.carried = (last.segment, UInt64(last.bytes.count)) }
        let reports = JobReports(of: result, in: segments, &notes)
        var found: [(frame: OutcomeFrame, place: ReportPlace?)] = []
        for (place, task) in tasks.enumerated() where result.outcomes[place] == nil {
            guard var one = reports.report(of: task), one.frame.kind == .done else { continue }
            one.frame.task = TaskIndex(place)
            found.append(one)
        }
        let latest = reports.latestInSegments
        try results.add(found, moment: latest ?? .min)
        return (found.map(\.frame.task.position), latest)
    }

    /// Says where the slice's reports will be: behind this place. - Throws: when the result cannot be written.
    mutating func begin(behind last: ReportPlace) throws(SystemError) {
        carried = (last.segment, 0)
        try append(JobResult.part(of: last.segment, [], behind: last.number), File.writeOnce)
    }

    /// Says that tasks are at work: if the job ends before they do, they are to blame. Nothing waits for the disk.
    /// - Throws: when that cannot be written.
    mutating func begun(_ tasks: [TaskIndex]) throws(SystemError) {
        try append(tasks.flatMap(JobResult.begun), File.writeOnce, isDurable: false)
    }

    /// - Parameters:
    ///   - ended: with the place where each is reported; nil where it is not.
    ///   - moment: which none of their reports has passed.
    /// - Throws: when they cannot be written, or not on disk.
    mutating func add(_ ended: [(frame: OutcomeFrame, place: ReportPlace?)], moment: Int64) throws(SystemError) {
        if ended.isEmpty { return }
        var bytes: [UInt8] = []
        var carried = carried
        for one in ended {
            bytes += one.frame.encoded()
            guard let place = one.place, let part = part(of: place.segment, behind: &carried) else { continue }
            bytes += JobResult.reported(one.frame, place, moment: moment) + part
        }
        try append(bytes, writeOnce)
        self.carried = carried
    }

    /// The part of a segment that is to travel; nil where it cannot be read: then who collects the outcome reports it.
    private func part(of segment: String, behind carried: inout (segment: String, length: UInt64)) -> [UInt8]? {
        let isAnother = segment != carried.segment
        if isAnother { carried = (segment, 0) }
        // where files are shared the name is enough: what is reported there is found though its outcome is lost
        if !carries { return isAnother ? JobResult.part(of: segment, []) : [] }
        do throws(Diagnostic) {
            let bytes = try segments.bytes(of: segment, from: carried.length)
            carried.length += UInt64(bytes.count)
            return bytes.isEmpty ? [] : JobResult.part(of: segment, bytes)
        } catch {
            return nil
        }
    }

    /// Appends them all and has them on disk, or leaves the file as it was: who reads it stops at half a frame.
    private mutating func append(_ bytes: [UInt8], _ writeOnce: Write, isDurable: Bool = true) throws(SystemError) {
        let file = try File.openAppending(path)
        if let whole { try File.truncate(file, to: whole) }
        whole = nil
        let before = try File.length(file)
        do throws(SystemError) {
            try write(bytes, to: file, writeOnce)
            if isDurable { try File.synchronize(file) }
        } catch {
            whole = before
            do throws(SystemError) { try File.truncate(file, to: before) } catch {}  // and before the next
            throw error
        }
    }

    private func write(_ bytes: [UInt8], to file: Descriptor, _ writeOnce: Write) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let from = written
            let more = try bytes.withUnsafeBufferPointer { (buffer) throws(SystemError) -> Int in
                try writeOnce(file, UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[from...])))
            }
            if more == 0 { throw SystemError(ENOSPC, "write", path) }
            written += more
        }
    }
}
