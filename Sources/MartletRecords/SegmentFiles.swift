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

    public func executions(in segment: String) -> [(number: UInt64, task: String, execution: Execution)] {
        do throws(Diagnostic) {
            return try SegmentReader.read(try path(of: segment)).lines.compactMap { line in
                guard line.json["task"] != nil else { return nil }
                do throws(Report.Malformed) {
                    let report = try Report(json: line.json)
                    return (line.number, report.task, report.execution)
                } catch {
                    return nil  // of a later version
                }
            }
        } catch {
            return []  // what cannot be read tells of nothing
        }
    }

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
