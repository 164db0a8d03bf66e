import Glibc
import MartletModel
import MartletSystem

/// The files of a cache on disk. Any number of processes may use one folder; each may be killed at any moment.
///
///     martlet-UID/            the user's own: nobody else may write there
///       lock                  held while contents come or go
///       KEY.data KEY.note     a content, and what is known of it; the note's time of change is that of the last use
///       KEY.busy              held by the process that is fetching this content
///       incoming-TOKEN/       what one process is fetching; its lock is held while that lives
///
/// A content counts when its note fits it, whatever else is there: see `CacheNote.isOf`.
struct CacheFolder {
    let path: String

    /// - Parameter directory: made where it lacks.
    /// - Throws: EPERM where the user's folder in it is somebody else's, or a link.
    init(directory: String) throws(SystemError) {
        path = "\(directory)/martlet-\(Host.userNumber)"
        try Directory.make(directory)
        try Directory.makePrivate(path)
        let facts = try FileFacts.of(name: path)
        guard facts.isDirectory, facts.isOurs, !facts.isWritableByOthers else {
            throw SystemError(EPERM, "use as a cache", path)
        }
    }

    func content(_ key: CacheKey) -> String { "\(path)/\(key.text).data" }
    func note(_ key: CacheKey) -> String { "\(path)/\(key.text).note" }
    func busy(_ key: CacheKey) -> String { "\(path)/\(key.text).busy" }

    /// Contents come and go within `body` alone, one process and one thread at a time.
    func changing<T>(_ body: () throws(SystemError) -> T) throws(SystemError) -> T {
        let lock = try File.openAppending("\(path)/lock")
        try FileLock.wait(lock)
        defer { lock.close() }
        return try body()
    }

    // MARK: contents

    /// The content, open, and its note; nil where there is none, or none that is whole.
    func find(_ key: CacheKey) -> (file: Descriptor, note: CacheNote)? {
        do throws(SystemError) {
            let file = try File.openItself(content(key))
            guard let note = try readNote(key), note.isOf(try FileFacts.of(file)) else { return nil }
            return (file, note)
        } catch {
            return nil  // it is fetched anew, and whatever stands in the way then is told
        }
    }

    private func readNote(_ key: CacheKey) throws(SystemError) -> CacheNote? {
        let file = try File.openItself(note(key))
        let facts = try FileFacts.of(file)
        guard facts.isRegular, facts.isOurs, facts.size <= CacheNote.longest else { return nil }
        return CacheNote(try File.readOnce(file, offset: 0, count: CacheNote.longest))
    }

    /// Within `changing`.
    func remove(_ key: CacheKey) throws(SystemError) {
        // the note first: a content without one does not count; folders that somebody made there go as well
        try Directory.removeTree(note(key))
        try Directory.removeTree(content(key))
    }

    /// Takes a content in that lies on the same file system. Within `changing`.
    func insert(_ incoming: String, _ key: CacheKey, _ note: CacheNote) throws(SystemError) {
        try remove(key)
        try File.rename(incoming, to: content(key))
        try File.replace(self.note(key), with: note.bytes)
    }

    /// Counts as used now; content when another process has removed it.
    func touch(_ key: CacheKey) throws(SystemError) {
        do throws(SystemError) { try File.touch(note(key)) } catch { if error.code != ENOENT { throw error } }
    }
}

/// Under which a file is kept: a digest of where it came from, so that no location becomes part of a path.
struct CacheKey: Hashable {
    let text: String

    /// - Parameter namespace: tells stores apart that give equal names to different files.
    init(location: String, namespace: String) { text = SHA256.hex(Array("\(namespace)\n\(location)".utf8)) }

    /// The key in the name of a content, a note or a lock.
    init?(name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 64, parts[0].utf8.allSatisfy({ Hex.value(of: $0) != nil }) else {
            return nil
        }
        text = String(parts[0])
    }
}
