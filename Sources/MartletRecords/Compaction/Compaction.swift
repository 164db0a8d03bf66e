import Glibc
import MartletModel
import MartletSystem

/// Merges old segments into one file, without locks, beside processes that write and others that merge.
///
/// The merged file holds the lines of the old ones as they were, one segment after the other, each below its header: an
/// execution keeps the segment and number that it is known by. It gets its name when it is whole and on disk; then the
/// old files are removed. Whoever is killed in between leaves records that are there twice, which readers take for one.
///
/// A file is left alone when a process may still append to it, when lines within it are damaged, or when a newer version
/// wrote it.
public struct Compaction {
    public struct Rules: Sendable {
        /// Seconds since a file was last written, by the clock of its file system: as long as this nobody is taken for
        /// done with it.
        public var olderThan: Double
        /// Executions of a task that are kept, the newest ones, and besides its newest success and all that another kept
        /// one consumed; nil for all.
        public var keep: Int?
        public init(olderThan: Double = 7 * 86400, keep: Int? = nil) {
            self.olderThan = olderThan
            self.keep = keep
        }
    }

    /// Names of files, and why one was left alone.
    public private(set) var merged: [String] = []
    public private(set) var leftAlone: [(file: String, why: String)] = []
    /// The file that they became; nil where there was nothing to merge.
    public private(set) var result: String?
    public private(set) var records = 0
    /// Records that are told no more: of tasks that had not run and have since, and executions beyond `Rules.keep`.
    public private(set) var dropped = 0
    public private(set) var bytesBefore: Int64 = 0
    public private(set) var bytesAfter: Int64 = 0

    private let meanwhile: (Moment) -> Void
    static let prefix = "merged-"

    /// - Parameters:
    ///   - directory: of segments.
    ///   - trial: nothing is written or removed.
    /// - Throws: `.recordUnreadable`, `.recordUnwritable`.
    public init(_ directory: String, _ rules: Rules, trial: Bool = false) throws(Diagnostic) {
        try self.init(directory, rules, trial: trial, locksTell: SegmentLock.tells(in: directory)) { _ in }
    }

    /// Where others may come in between: each is called as often as there are files that go.
    package enum Moment {
        /// A file was found as it had been read.
        case checked
        /// It has lost its name.
        case taken
    }

    /// - Parameters:
    ///   - locksTell: whether locks of files say something here.
    ///   - meanwhile: what others do; for tests.
    package init(
        _ directory: String, _ rules: Rules, trial: Bool, locksTell: Bool, meanwhile: @escaping (Moment) -> Void
    ) throws(Diagnostic) {
        self.meanwhile = meanwhile
        let temporary = File.temporaryName(besides: "\(directory)/\(Compaction.prefix)")
        do {
            if !trial { try Compaction.refusals(directory) { () throws(SystemError) in try Compaction.restore(directory) } }
            if try SegmentSurvey.files(in: directory).isEmpty { return }
            // its time is that of the file system, whatever this machine's clock says
            let output = try Compaction.refusals(directory) { () throws(SystemError) in try File.openNew(temporary) }
            defer { _ = unlink(temporary) }
            let now = try FileFacts.of(output).modified
            let records = try ReportCatalogue(directory: directory)
            let kept = try KeptRecords(records, rules.keep)
            let beating = try BeatingRuns.holders(in: "\(TargetRef(directory).parent.location)/leases", now: now)
            var sources: [MergedSource] = []
            for file in try SegmentSurvey.files(in: directory) {
                let source = try MergedSource(file, in: directory, kept)
                if let why = source.reasonToLeave(now: now, rules, beating, locksTell: locksTell) {
                    leftAlone.append((file.name, why))
                } else {
                    sources.append(source)
                }
            }
            // one that holds all that it would hold again is as it should be
            guard sources.count > 1 || sources.contains(where: { $0.dropped > 0 }) else { return }
            try write(sources, to: output, temporary, directory, trial)
        } catch let error as Diagnostic {
            throw error
        } catch let error as SystemError {
            throw Diagnostic(.recordUnreadable, subject: directory, cause: error.text)
        } catch {
            throw Diagnostic(.recordUnreadable, subject: directory, cause: "\(error)")
        }
    }

    private mutating func write(
        _ sources: [MergedSource], to output: Descriptor, _ temporary: String, _ directory: String, _ trial: Bool
    ) throws {
        var merge = MergedLines()
        for source in sources {
            let bytes = merge.lines(of: source)
            bytesBefore += source.file.size
            bytesAfter += Int64(bytes.count)
            merged.append(source.file.name)
            if !trial {
                try Compaction.refusals(directory) { () throws(SystemError) in try File.writeAll(output, bytes) }
            }
        }
        records = merge.records
        dropped = sources.reduce(0) { $0 + $1.dropped }
        if trial { return }
        let name = "\(Compaction.prefix)\(UTC.compact(SystemClock().wall()))-\(Host.randomToken()).jsonl"
        try Compaction.refusals(directory) { () throws(SystemError) in
            try File.synchronize(output)
            if try FailPoint.fileRename.allows("rename", name) { try File.rename(temporary, to: "\(directory)/\(name)") }
            FailPoint.fileRenamed.pass()
            try File.synchronizeDirectory(directory)
        }
        result = name
        for source in sources { try remove(source, directory) }
    }

    /// Ends the names of files that are about to be removed. They begin with a dot.
    private static let taken = ".taken"

    /// Removes a file whose records stand elsewhere now, unless somebody has appended to it meanwhile.
    ///
    /// Its name is taken away first: whoever appends to it looks for that before he counts on what he has written
    /// (`SegmentWriter.append`). So either he finds it gone, or what he wrote is seen here, and the file gets it back.
    private mutating func remove(_ source: MergedSource, _ directory: String) throws(Diagnostic) {
        let path = "\(directory)/\(source.file.name)", aside = "\(directory)/.\(source.file.name)\(Compaction.taken)"
        let isRemoved = try Compaction.refusals(directory) { [meanwhile] () throws(SystemError) -> Bool in
            guard try source.isUnchanged(path) else { return false }
            meanwhile(.checked)
            do throws(SystemError) { try File.rename(path, to: aside) } catch { if error.code == ENOENT { return true } else { throw error } }
            meanwhile(.taken)
            guard try source.isUnchanged(aside) else {
                try File.rename(aside, to: path)
                return false
            }
            do throws(SystemError) { try File.remove(aside) } catch { if error.code != ENOENT { throw error } }
            return true
        }
        if !isRemoved { leftAlone.append((source.file.name, "it was written meanwhile")) }
    }

    /// Gives back their names to files that somebody took away who was killed then: what is there twice counts once.
    private static func restore(_ directory: String) throws(SystemError) {
        for name in try Directory.listIfThere(directory) where name.hasPrefix(".") && name.hasSuffix(".jsonl\(taken)") {
            let aside = "\(directory)/\(name)"
            do throws(SystemError) {
                try File.rename(aside, to: "\(directory)/\(name.dropFirst().dropLast(taken.count))")
            } catch { if error.code != ENOENT { throw error } }  // whoever took it was not killed
        }
    }

    private static func refusals<T>(
        _ directory: String, _ body: () throws(SystemError) -> T
    ) throws(Diagnostic) -> T {
        do throws(SystemError) { return try body() } catch {
            throw Diagnostic(.recordUnwritable, subject: directory, cause: error.text)
        }
    }

    /// `{"merged":[…],"result":…,"records":…,"dropped":…,"bytes_before":…,"bytes_after":…,"left_alone":{file: why}}`
    public var json: JSON {
        [
            "merged": .array(merged.map(JSON.string)), "result": JSON(result), "records": JSON(records),
            "dropped": JSON(dropped), "bytes_before": .integer(bytesBefore), "bytes_after": .integer(bytesAfter),
            "left_alone": .object(leftAlone.map { JSONMember($0.file, .string($0.why)) }),
        ]
    }
}
