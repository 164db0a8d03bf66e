import MartletModel
import MartletSystem

/// What a process that begins to record has to be later than.
enum AreaMoment {
    /// Files that are looked at, those that were written last by the clock of the file system: all of them at most.
    private static let most = 32
    /// Bytes at the end of a file that are looked at: some records, so that one that took long is among others.
    private static let tail = 8192

    /// The latest moment in the segments of a directory: one listing, and a look at each of its files.
    /// - Returns: nil where there is none, and for whatever cannot be read: then the clock counts of who asked.
    static func latest(in directory: String) -> Int64? {
        var latest: Int64?
        do {
            let files = try SegmentSurvey.files(in: directory, fresh: false).sorted { $0.modified > $1.modified }
            for file in files.prefix(most) {
                latest = max(latest ?? .min, try moment(of: "\(directory)/\(file.name)", size: file.size))
            }
        } catch { return nil }
        return latest
    }

    private static func moment(of path: String, size: Int64) throws -> Int64 {
        let file = try File.openReading(path)
        let head = try File.readOnce(file, offset: 0, count: tail)
        let first = head.prefix { $0 != UInt8(ascii: "\n") }
        var header: SegmentHeader?
        if case .header(let found) = first.withUnsafeBufferPointer({ SegmentReader.entry($0, 1, path) }) { header = found }
        var moment = Moment(header)
        let end = size > Int64(tail) ? try File.readOnce(file, offset: UInt64(size) - UInt64(tail), count: tail) : head
        for line in end.split(separator: UInt8(ascii: "\n")) {
            guard case .record(_, let json) = line.withUnsafeBufferPointer({ SegmentReader.entry($0, 2, path) }) else { continue }
            if let start = json["start"]?.integer {
                _ = moment.next(start, plus: json["wall"]?.double ?? 0)
            } else if let at = json["at"]?.integer {
                _ = moment.next(at)
            }
        }
        return moment.latest
    }
}
