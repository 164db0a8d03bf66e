import CSQLite
import MartletModel
import MartletSystem

/// Takes what is new in segment files into the tables of the index, within a transaction of the caller's.
final class SegmentIntake {
    private let directory: String
    private let statements: IntakeStatements
    /// Tasks with new executions.
    private var touched: Set<Int64> = []

    init(_ database: Database, directory: String) throws(Database.Failure) {
        self.directory = directory
        statements = try IntakeStatements(database)
    }

    /// What stops the intake: the database, or a file that cannot be read.
    enum Stop: Error {
        case database(Database.Failure)
        case file(SystemError)
    }

    /// Reads on where the file was left, or from its begin.
    func take(_ row: FileRow) throws(Stop) {
        var row = row
        do throws(Database.Failure) {
            try statements.forgetDamage(row.id, from: row.read)
        } catch { throw .database(error) }
        let path = "\(directory)/\(row.name)"
        let file: Descriptor
        do throws(SystemError) { file = try File.openReading(path) } catch { throw .file(error) }
        /// Where lines of a newer format begin.
        var newer: Int64?
        let (end, rest) = try SegmentPieces.lines(of: file, from: UInt64(row.read)) { (line, at) throws(Stop) in
            if newer != nil { return }
            row.lines += 1
            do throws(Database.Failure) {
                if try !take(line, Int64(at), &row, path) { newer = Int64(at) }
            } catch { throw .database(error) }
        } refused: { .file($0) }
        do throws(Database.Failure) {
            if !rest.isEmpty && newer == nil {
                let problem = Diagnostic(.recordDamaged, subject: "\(path), line \(row.lines + 1)")
                try statements.add(problem, row.id, Int64(end))
            }
            // what a newer version wrote is looked at again when the file has grown
            row.read = newer ?? Int64(end)
            try statements.store(row)
        } catch { throw .database(error) }
    }

    /// Names the newest execution of each task that got another.
    func settle() throws(Database.Failure) {
        for task in touched { try statements.findNewest(task) }
        touched = []
    }

    /// - Returns: false when this line, and so the rest of the file, is of a newer format.
    private func take(
        _ line: UnsafeBufferPointer<UInt8>, _ at: Int64, _ row: inout FileRow, _ path: String
    ) throws(Database.Failure) -> Bool {
        switch SegmentReader.entry(line, row.lines, path) {
        case .blank: break
        case .newer(let version, let known):
            try statements.add(SegmentReader.newer(version, path, known: known), row.id, at)
            row.lines -= 1
            return false
        case .damage(let problem): try statements.add(problem, row.id, at)
        case .header(let header):
            row.segment = try statements.segment(header, file: row.id, at: at)
            let moment = Moment(header)
            row.shift = Moment.shift(header)
            row.moment = moment.latest
        case .record(let number, let json):
            let content: RecordContent
            do throws(Report.Malformed) {
                content = try RecordContent(json)
            } catch {
                content = .nothing
                let problem = Diagnostic(
                    .recordMalformed, subject: "\(path), record \(number)", cause: "member \"\(error.member)\"")
                try statements.add(problem, row.id, at)
            }
            try store(content, json, number, at, &row)
        }
        row.last = at
        row.crc = SegmentLine.crc(of: line)
        return true
    }

    private func store(
        _ content: RecordContent, _ json: JSON, _ number: UInt64, _ at: Int64, _ row: inout FileRow
    ) throws(Database.Failure) {
        var moment = Moment(shift: row.shift, latest: row.moment)
        defer { row.moment = moment.latest }
        switch content {
        case .nothing: return
        case .unrun(let unrun): try statements.add(unrun, json, moment.next(unrun.at))
        case .fact(let digest): try statements.fact(digest, file: row.id, at: at)
        case .report(let report):
            let segment: Int64
            if let known = row.segment { segment = known } else { segment = try statements.unknownSegment(of: row) }
            row.segment = segment
            let ended = moment.next(report.execution.start, plus: report.execution.wall)
            for part in report.parts {
                let task = try statements.task(part)
                let place = IntakeStatements.Place(segment: segment, number: number, file: row.id, at: at, moment: ended)
                try statements.add(part, json, task, place)
                touched.insert(task)
            }
        }
    }
}

/// What a record of reports tells.
private enum RecordContent {
    case report(Report)
    case unrun(UnrunTask)
    /// What reports refer to by this digest.
    case fact(String)
    /// Nothing that is asked for.
    case nothing

    init(_ json: JSON) throws(Report.Malformed) {
        if let unrun = try UnrunTask(json: json) {
            self = .unrun(unrun)
        } else if json["fact"] != nil {
            self = json["digest"]?.string.map(RecordContent.fact) ?? .nothing
        } else if json["run"] != nil {
            self = .nothing
        } else {
            self = .report(try Report(json: json))
        }
    }
}

/// What the index knows of a segment file.
struct FileRow {
    var id: Int64
    var name: String
    /// As it was when it was read.
    var size: Int64
    /// The same, nanoseconds since 1970-01-01 UTC.
    var modified: Int64
    /// Bytes that were taken in: whole lines.
    var read: Int64 = 0
    var lines = 0
    /// Where the last of these lines begins, and its checksum: they tell whether the file is still the same.
    var last: Int64 = 0
    var crc = ""
    /// The segment that its next records belong to; nil before the first header.
    var segment: Int64?
    /// See `Moment`.
    var shift: Int64 = 0
    var moment: Int64 = .min
}
