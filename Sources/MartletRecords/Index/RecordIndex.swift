import CSQLite
import MartletModel
import MartletSystem

/// The records of a directory of segments in tables, as they were when it was opened or last renewed.
///
/// The tables are a cache. Where they cannot be kept on disk (no place, a full disk, another process that holds them for
/// too long) they are made in memory, which takes some microseconds a record; the answers are the same.
final class RecordIndex {
    let directory: String
    private var database: Database
    /// nil when the tables are in memory.
    private var kept: (place: IndexPlace, generation: Int)?

    /// Reads what is new; an absent directory has no records.
    /// - Throws: `.recordUnreadable`.
    init(directory: String, place: IndexPlace?) throws(Diagnostic) {
        self.directory = directory
        do {
            database = try Database(":memory:")
            let files = try SegmentSurvey.files(in: directory)
            if let place, files.reduce(0, { $0 &+ $1.size }) >= IndexPlace.least, openKept(place) { return }
            try fillMemory()
        } catch {
            throw RecordIndex.diagnostic(error, directory)
        }
    }

    /// Whether the tables are kept for the next process.
    var isKept: Bool { kept != nil }

    /// Reads what has come since.
    func renew() throws(Diagnostic) {
        try ask { database throws in try IndexRefresh.refresh(database, self.directory) }
    }

    /// Asks the tables. Where those on disk turn out to be damaged they are made in memory, and asked again.
    func ask<Answer>(_ question: (Database) throws -> Answer) throws(Diagnostic) -> Answer {
        do {
            do {
                return try question(database)
            } catch let failure as Database.Failure {
                guard let kept else { throw failure }
                leave(kept, failure)
                try fillMemory()
                return try question(database)
            }
        } catch {
            throw RecordIndex.diagnostic(error, directory)
        }
    }

    private func fillMemory() throws {
        kept = nil
        database = try Database(":memory:")
        try database.run(IndexSchema.tables)
        try IndexRefresh.refresh(database, directory)
    }

    /// - Returns: whether the tables on disk can be used, and are up to date.
    private func openKept(_ place: IndexPlace) -> Bool {
        // damaged, the first may be given up for a second; whatever is wrong with that is no matter of this file
        for _ in 0..<2 {
            var generation: Int?
            do {
                let newest = try place.generation()
                generation = newest
                let opened = try place.open(newest)
                try IndexRefresh.prepare(opened)
                try IndexRefresh.refresh(opened, directory)
                (database, kept) = (opened, (place, newest))
                return true
            } catch {
                // full, read-only, held for too long, or a segment that cannot be read: told when memory is filled
                guard let generation, let failure = error as? Database.Failure, failure.isDamage else { return false }
                do { try place.giveUp(generation) } catch { return false }
            }
        }
        return false
    }

    private func leave(_ kept: (place: IndexPlace, generation: Int), _ failure: Database.Failure) {
        guard failure.isDamage else { return }
        // where even that fails the next process meets the same, and reads the segments as this one does
        do { try kept.place.giveUp(kept.generation) } catch { return }
    }

    private static func diagnostic(_ error: any Error, _ directory: String) -> Diagnostic {
        switch error {
        case let known as Diagnostic: known
        case let system as SystemError: Diagnostic(.recordUnreadable, subject: directory, cause: system.text)
        case let failure as Database.Failure: Diagnostic(.recordUnreadable, subject: directory, cause: failure.text)
        default: Diagnostic(.recordUnreadable, subject: directory, cause: "\(error)")
        }
    }
}

extension Database.Failure {
    /// The file holds no tables that can be used, as opposed to: it could not be used now.
    var isDamage: Bool {
        switch code & 0xFF {
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_MISMATCH, SQLITE_CONSTRAINT, SQLITE_FORMAT: true
        // a page that is not there; other trouble of input and output is the disk's
        case SQLITE_IOERR: code == SQLITE_IOERR | (2 << 8) /* SQLITE_IOERR_SHORT_READ */
        default: false
        }
    }
}
