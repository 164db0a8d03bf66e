/// The tables of the index. What is in them can be made again from the segments at any time.
enum IndexSchema {
    /// Raised by every change of the tables, or of what is put into them: an index of another version is not looked at.
    static let version = 6

    static let tables = """
        CREATE TABLE file(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, modified INTEGER NOT NULL,
            read INTEGER NOT NULL, lines INTEGER NOT NULL, last INTEGER NOT NULL, crc TEXT NOT NULL,
            segment INTEGER, shift INTEGER NOT NULL, moment INTEGER NOT NULL);
        CREATE TABLE segment(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, host TEXT NOT NULL, user TEXT NOT NULL,
            pid INTEGER NOT NULL, started INTEGER NOT NULL, file INTEGER NOT NULL, at INTEGER NOT NULL);
        CREATE TABLE task(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, family TEXT NOT NULL, title TEXT NOT NULL,
            segment INTEGER, number INTEGER, done_segment INTEGER, done_number INTEGER);
        CREATE TABLE execution(
            task INTEGER NOT NULL, segment INTEGER NOT NULL, number INTEGER NOT NULL, file INTEGER NOT NULL,
            at INTEGER NOT NULL, moment INTEGER NOT NULL, outcome INTEGER NOT NULL, start INTEGER NOT NULL,
            wall REAL NOT NULL, cpu REAL, memory INTEGER, bytes INTEGER, attempt INTEGER NOT NULL,
            code TEXT, environment TEXT, sandbox TEXT, used TEXT, nameless TEXT, asked TEXT,
            PRIMARY KEY(task, segment, number)) WITHOUT ROWID;
        CREATE TABLE unrun(
            task TEXT PRIMARY KEY, moment INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE fact(
            digest TEXT PRIMARY KEY, file INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE damage(file INTEGER NOT NULL, at INTEGER NOT NULL, code TEXT, subject TEXT, cause TEXT);
        PRAGMA user_version = \(version);
        """

    static let emptied = """
        DELETE FROM file; DELETE FROM segment; DELETE FROM task; DELETE FROM execution; DELETE FROM unrun;
        DELETE FROM fact; DELETE FROM damage;
        """
}
