import Glibc
import MartletModel
import MartletSystem

/// Where the index of an area is kept: on a disk of this machine, in a folder that the user alone may look into.
///
/// A file is never mended: what is damaged, or from another version, is left aside for a *generation* that is made anew,
/// and removed. Who has it open goes on with what was there.
public struct IndexPlace: Sendable {
    /// Areas with less than this many bytes of records are read each time: that takes a few milliseconds.
    static let least: Int64 = 1 << 19

    private let folder: String

    /// - Parameter directory: of segments.
    /// - Returns: nil where there is no place that is fit.
    public static func usual(for directory: String) -> IndexPlace? {
        guard let base = IndexPlace.base(), let real = realpath(directory, nil) else { return nil }
        defer { free(real) }
        return IndexPlace(base: base, directory: String(cString: real))
    }

    /// - Parameter base: a folder for the indices of all areas.
    package init(base: String, directory: String) {
        folder = "\(base)/\(SHA256.hex(Array(directory.utf8)).prefix(16))"
    }

    /// The user's cache; where that is shared with other machines, which SQLite's locks do not reach, a folder of the
    /// user's own on the local disk.
    private static func base() -> String? {
        let configured = Environment.get("XDG_CACHE_HOME") ?? ""
        let home = Environment.get("HOME") ?? ""
        let cache = configured.hasPrefix("/") ? configured : home.hasPrefix("/") ? "\(home)/.cache" : ""
        if !cache.isEmpty && FileSystemKind.nearest(cache) == .local { return "\(cache)/martlet/records" }
        guard FileSystemKind.nearest("/var/tmp") == .local else { return nil }
        let own = "/var/tmp/martlet-\(Host.userNumber)"
        do throws(SystemError) {
            try Directory.makePrivate(own)
            let facts = try FileFacts.of(name: own)
            return facts.isDirectory && facts.isOurs && !facts.isWritableByOthers ? own : nil
        } catch { return nil }
    }

    /// The newest generation; the first one where there is none.
    func generation() throws(SystemError) -> Int {
        try Directory.make(Directory.parent(of: folder))
        try Directory.makePrivate(folder)
        if let newest = try generations().max() { return newest }
        try removeUnused()
        return 1
    }

    /// Indices of areas that have not changed for long: most of these are gone, and any other is made anew.
    private func removeUnused() throws(SystemError) {
        let base = Directory.parent(of: folder)
        let oldest = SystemClock().wall() - IndexPlace.patience
        for other in try Directory.list(base) where other.isDirectory && "\(base)/\(other.name)" != folder {
            let files = try Directory.list("\(base)/\(other.name)").map { "\(base)/\(other.name)/\($0.name)" }
            if !files.isEmpty, files.allSatisfy({ Directory.modified($0) ?? .max < oldest }) {
                try Directory.removeTree("\(base)/\(other.name)")
            }
        }
    }

    /// Nanoseconds for which an index is kept that did not change: 60 days.
    private static let patience: Int64 = 60 * 86400 * 1_000_000_000

    /// Opens a generation, or makes it.
    func open(_ generation: Int) throws(Database.Failure) -> Database {
        let database = try Database(path(generation))
        // write-ahead: readers do not wait for a writer. Nothing is forced to disk: after a power cut the index is damaged
        // at worst
        try database.run(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536
            """)
        return database
    }

    /// From now on everybody opens the next generation.
    func giveUp(_ generation: Int) throws {
        _ = try Database(path(generation + 1))
        for old in try generations() where old <= generation {
            for suffix in ["", "-wal", "-shm"] { _ = unlink(path(old) + suffix) }
        }
    }

    private func path(_ generation: Int) -> String { "\(folder)/\(IndexPlace.prefix)\(generation)\(IndexPlace.suffix)" }

    private func generations() throws(SystemError) -> [Int] {
        try Directory.list(folder).compactMap { entry in
            guard entry.name.hasPrefix(IndexPlace.prefix), entry.name.hasSuffix(IndexPlace.suffix) else { return nil }
            return Int(entry.name.dropFirst(IndexPlace.prefix.count).dropLast(IndexPlace.suffix.count))
        }
    }

    private static let prefix = "index-\(IndexSchema.version)-"
    private static let suffix = ".sqlite"
}
