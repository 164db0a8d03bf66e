import MartletModel
import MartletRecords
import MartletSystem
import Testing

let second: Int64 = 1_000_000_000

/// A directory of segments, and processes that record there, each with a clock of its own.
struct Area {
    let path: String

    /// - Parameter started: nanoseconds by that process's clock.
    func writer(_ name: String, started: Int64 = 0, host: String = "node", after: Int64? = nil) -> SegmentWriter {
        var header = SegmentHeader(kind: .reports, segment: name, host: host, user: "ana", pid: 7, started: started)
        header.after = after
        return SegmentWriter(directory: path, header: header)
    }

    func record(by name: String, started: Int64 = 0, _ reports: [Report]) throws {
        let writer = writer(name, started: started)
        for report in reports { _ = try writer.append(members(report)) }
    }

    func record(_ segment: String, lines: [String]) throws {
        let writer = writer(segment)
        for line in lines { _ = try writer.append(Array(line.utf8)) }
    }

    func catalogue(_ place: IndexPlace? = nil) throws -> ReportCatalogue {
        try ReportCatalogue(directory: path, place: place)
    }
}
