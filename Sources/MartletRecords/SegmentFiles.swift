import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// The segments in a directory.
public struct SegmentFiles: SegmentFolder {
    private let directory: String

    public init(directory: String) { self.directory = directory }

    public func bytes(of segment: String, from offset: UInt64) throws(Diagnostic) -> [UInt8] {
        let path = try path(of: segment)
        do {
            let size = try File.size(path)
            return size > offset ? try File.read(path, offset: offset, count: Int(clamping: size - offset)) : []
        } catch {
            throw Diagnostic(.recordUnreadable, subject: path, cause: error.text)
        }
    }

    public func place(_ segment: String, _ bytes: [UInt8]) throws(Diagnostic) {
        let path = try path(of: segment)
        do {
            if let there = SegmentFiles.size(path), there >= bytes.count { return }
            try Directory.make(directory)
            // a name that readers pass over until it is whole
            try File.replace(path, with: bytes, durable: true)
        } catch {
            throw Diagnostic(.recordUnwritable, subject: path, cause: error.text)
        }
    }

    public func executions(in segment: String) -> [RecordedExecution] {
        do throws(Diagnostic) {
            let content = try SegmentReader.read(try path(of: segment))
            var moment = Moment(content.header)
            return content.lines.compactMap { line in
                guard line.json["task"] != nil else { return nil }
                do throws(Report.Malformed) {
                    let report = try Report(json: line.json)
                    let execution = report.execution
                    return RecordedExecution(
                        number: line.number, task: report.task, execution: execution,
                        moment: moment.next(execution.start, plus: execution.wall))
                } catch {
                    return nil  // of a later version
                }
            }
        } catch {
            return []  // what cannot be read tells of nothing
        }
    }

    public func latestMoment() -> Int64? { AreaMoment.latest(in: directory) }

    /// nil where there is no such file.
    private static func size(_ path: String) -> UInt64? {
        do throws(SystemError) { return try File.size(path) } catch { return nil }
    }

    /// - Throws: `.recordUnreadable` for what is no name of a segment: it came from elsewhere.
    private func path(of segment: String) throws(Diagnostic) -> String {
        guard !segment.isEmpty, !segment.hasPrefix("."), !segment.utf8.contains(where: { $0 == 0x2F || $0 == 0 }) else {
            throw Diagnostic(.recordUnreadable, subject: segment, cause: "no segment has such a name")
        }
        return "\(directory)/\(segment)\(SegmentReader.fileExtension)"
    }
}
