import CSQLite
import Glibc

/// One connection to an SQLite database. Not for two threads at once, nor across a fork.
final class Database {
    /// What SQLite refused.
    struct Failure: Error, Equatable {
        let code: Int32
        let text: String
    }

    fileprivate let handle: OpaquePointer

    /// - Parameters:
    ///   - path: `:memory:` for one that is gone with the connection.
    ///   - patience: milliseconds that a statement waits for other processes.
    init(_ path: String, patience: Int32 = 10_000) throws(Failure) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let failure = Failure(code: code, text: Database.words(opened, code))
            sqlite3_close_v2(opened)
            throw failure
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, patience)
        sqlite3_create_function_v2(
            handle, "fits", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil, Database.fits, nil, nil, nil)
    }

    deinit { sqlite3_close_v2(handle) }

    /// Runs statements without results.
    func run(_ sql: String) throws(Failure) { try check(sqlite3_exec(handle, sql, nil, nil, nil)) }

    func prepare(_ sql: String) throws(Failure) -> Statement {
        var prepared: OpaquePointer?
        try check(sqlite3_prepare_v2(handle, sql, -1, &prepared, nil))
        guard let prepared else { throw Failure(code: SQLITE_ERROR, text: "no statement") }
        return Statement(prepared, of: self)
    }

    /// The first column of the first row; nil where there is none.
    func integer(_ sql: String) throws(Failure) -> Int64? {
        let statement = try prepare(sql)
        return try statement.next() ? statement.integer(0) : nil
    }

    fileprivate func check(_ code: Int32) throws(Failure) {
        if code != SQLITE_OK { throw Failure(code: code, text: Database.words(handle, code)) }
    }

    private static func words(_ handle: OpaquePointer?, _ code: Int32) -> String {
        guard let words = handle.map({ sqlite3_errmsg($0) }) ?? sqlite3_errstr(code) else { return "error \(code)" }
        return String(cString: words)
    }

    /// `fits(pattern, text)`: shell patterns, as everywhere in Martlet.
    private static let fits: @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void = {
        context, _, arguments in
        guard let pattern = sqlite3_value_text(arguments?[0]), let text = sqlite3_value_text(arguments?[1]) else {
            return sqlite3_result_int(context, 0)
        }
        let answer = pattern.withMemoryRebound(to: CChar.self, capacity: 1) { pattern in
            text.withMemoryRebound(to: CChar.self, capacity: 1) { fnmatch(pattern, $0, 0) }
        }
        sqlite3_result_int(context, answer == 0 ? 1 : 0)
    }
}

/// A prepared statement: bound from 1 on, read from 0 on, as SQLite counts.
final class Statement {
    private let handle: OpaquePointer
    private let database: Database

    fileprivate init(_ handle: OpaquePointer, of database: Database) {
        self.handle = handle
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    @discardableResult
    func bind(_ place: Int32, _ value: Int64) -> Statement {
        sqlite3_bind_int64(handle, place, value)
        return self
    }

    @discardableResult
    func bind(_ place: Int32, _ value: Int64?) -> Statement {
        if let value { return bind(place, value) }
        sqlite3_bind_null(handle, place)
        return self
    }

    @discardableResult
    func bind(_ place: Int32, _ value: Double?) -> Statement {
        if let value { sqlite3_bind_double(handle, place, value) } else { sqlite3_bind_null(handle, place) }
        return self
    }

    @discardableResult
    func bind(_ place: Int32, _ value: String?) -> Statement {
        guard var value else {
            sqlite3_bind_null(handle, place)
            return self
        }
        value.withUTF8 { bytes in
            // an empty text has no address, and would be NULL
            let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            _ = sqlite3_bind_text(handle, place, start ?? Statement.nothing, Int32(clamping: bytes.count), csqlite_copied())
        }
        return self
    }

    /// Steps to the next row. - Returns: false behind the last one; the statement may then be bound and run again.
    func next() throws(Database.Failure) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        sqlite3_reset(handle)
        if code != SQLITE_DONE { try database.check(code) }
        return false
    }

    /// Runs to the end, without results.
    func run() throws(Database.Failure) { while try next() {} }

    /// The integer that the one row has, and ends; nil where there is no row.
    func one() throws(Database.Failure) -> Int64? {
        guard try next() else { return nil }
        defer { sqlite3_reset(handle) }
        return integer(0)
    }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    func number(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }
    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    nonisolated(unsafe) private static let nothing = UnsafePointer(strdup(""))
}
