import CSQLite
import Glibc
import MartletModel
import MartletSystem

/// Brings the tables of an index up to what the segment files hold.
enum IndexRefresh {
    /// Makes the tables where there are none.
    static func prepare(_ database: Database) throws(Database.Failure) {
        if try database.integer("PRAGMA user_version") == Int64(IndexSchema.version) { return }
        try database.run("BEGIN IMMEDIATE")
        do throws(Database.Failure) {
            // another process may have been quicker
            if try database.integer("PRAGMA user_version") != Int64(IndexSchema.version) {
                try database.run(IndexSchema.tables)
            }
            try database.run("COMMIT")
        } catch {
            rollBack(database)
            throw error
        }
    }

    static func refresh(_ database: Database, _ directory: String) throws {
        // a segment may be merged into another while this reads; then the names are looked at again
        for attempt in 1...3 {
            let files = try SegmentSurvey.files(in: directory)
            if try !differs(files, from: known(database)) { return }
            do {
                return try takeIn(files, database, directory)
            } catch SegmentIntake.Stop.file(let error) {
                if error.code == ENOENT && attempt < 3 { continue }
                throw Diagnostic(.recordUnreadable, subject: directory, cause: error.text)
            } catch SegmentIntake.Stop.database(let failure) {
                throw failure
            }
        }
    }

    private static func takeIn(_ files: [SegmentSurvey.Found], _ database: Database, _ directory: String) throws {
        try database.run("BEGIN IMMEDIATE")
        do {
            var rows = try known(database)
            if try !files.isContinuation(of: rows, in: directory) {
                try database.run(IndexSchema.emptied)
                rows = [:]
            }
            let intake = try SegmentIntake(database, directory: directory)
            for file in files {
                var row = try rows[file.name] ?? newRow(file, database)
                if rows[file.name] != nil && row.size == file.size && row.modified == file.modified { continue }
                (row.size, row.modified) = (file.size, file.modified)
                try intake.take(row)
            }
            try intake.settle()
            try database.run("COMMIT")
        } catch {
            rollBack(database)
            throw error
        }
    }

    private static func rollBack(_ database: Database) {
        // what led here is told; that it cannot be taken back says less
        do { try database.run("ROLLBACK") } catch { return }
    }

    private static func newRow(_ file: SegmentSurvey.Found, _ database: Database) throws(Database.Failure) -> FileRow {
        let statement = try database.prepare(
            """
            INSERT INTO file(name, size, modified, read, lines, last, crc, shift, moment)
            VALUES(?1, ?2, ?3, 0, 0, 0, '', 0, \(Int64.min)) RETURNING id
            """)
        let id = try statement.bind(1, file.name).bind(2, file.size).bind(3, file.modified).one()
        return FileRow(id: id ?? 0, name: file.name, size: file.size, modified: file.modified)
    }

    private static func differs(_ files: [SegmentSurvey.Found], from rows: [String: FileRow]) -> Bool {
        files.count != rows.count
            || files.contains { rows[$0.name]?.size != $0.size || rows[$0.name]?.modified != $0.modified }
    }

    private static func known(_ database: Database) throws(Database.Failure) -> [String: FileRow] {
        var rows: [String: FileRow] = [:]
        let all = try database.prepare(
            "SELECT id, name, size, modified, read, lines, last, crc, segment, shift, moment FROM file")
        while try all.next() {
            var row = FileRow(id: all.integer(0), name: all.text(1), size: all.integer(2), modified: all.integer(3))
            (row.read, row.lines, row.last, row.crc) = (all.integer(4), Int(all.integer(5)), all.integer(6), all.text(7))
            row.segment = all.isNull(8) ? nil : all.integer(8)
            (row.shift, row.moment) = (all.integer(9), all.integer(10))
            rows[row.name] = row
        }
        return rows
    }
}

extension [SegmentSurvey.Found] {
    /// Whether all files that are known are still there, and no more than appended to.
    fileprivate func isContinuation(of rows: [String: FileRow], in directory: String) throws(SegmentIntake.Stop) -> Bool {
        var found = 0
        for file in self {
            guard let row = rows[file.name] else { continue }
            found += 1
            if row.size == file.size && row.modified == file.modified { continue }
            guard file.size > row.size else { return false }
            if row.crc.isEmpty { continue }
            let bytes: [UInt8]
            do throws(SystemError) {
                bytes = try File.read(
                    "\(directory)/\(file.name)", offset: UInt64(row.last), count: Int(row.read - row.last))
            } catch { throw .file(error) }
            guard bytes.dropLast().withUnsafeBufferPointer({ SegmentLine.crc(of: $0) }) == row.crc else { return false }
        }
        return found == rows.count
    }
}
