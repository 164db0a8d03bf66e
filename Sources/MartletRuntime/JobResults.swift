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
    /// How much of which segment has been written.
    private var carried: (segment: String, length: UInt64) = ("", 0)

    init(_ site: JobSite, _ segments: any SegmentFolder) {
        (path, carries, self.segments) = (site.result, site.carriesReports, segments)
    }

    /// Says where the job's reports will be. - Throws: when the result cannot be written.
    mutating func begin(_ segment: String) throws(SystemError) {
        carried = (segment, 0)
        try append(JobResult.part(of: segment, []))
    }

    /// - Parameter places: where each is reported; nil where it is not.
    /// - Throws: when they cannot be written, or not on disk.
    mutating func add(_ ended: [(frame: OutcomeFrame, place: ReportPlace?)]) throws(SystemError) {
        if ended.isEmpty { return }
        FailPoint.jobResult.pass()
        var bytes: [UInt8] = []
        for one in ended {
            bytes += one.frame.encoded()
            guard let place = one.place, let part = part(of: place.segment) else { continue }
            bytes += JobResult.reported(one.frame, place) + part
        }
        try append(bytes)
    }

    /// The part of a segment that is to travel; nil where it cannot be read: then who collects the outcome reports it.
    private mutating func part(of segment: String) -> [UInt8]? {
        if !carries { return [] }
        if segment != carried.segment { carried = (segment, 0) }
        do throws(Diagnostic) {
            let bytes = try segments.bytes(of: segment, from: carried.length)
            carried.length += UInt64(bytes.count)
            return bytes.isEmpty ? [] : JobResult.part(of: segment, bytes)
        } catch {
            return nil
        }
    }

    private func append(_ bytes: [UInt8]) throws(SystemError) {
        let file = try File.openAppending(path)
        try File.writeAll(file, bytes)
        try File.synchronize(file)
    }
}
