import MartletModel
import MartletPorts
import MartletSystem

/// What the cache knows of a file that it holds: what the store said of it, and which file here was written then.
struct CacheNote: Equatable {
    var remote: Remote
    /// The content's own number and time of writing: whatever changes the file changes these.
    var inode: UInt64
    var written: Int64
    /// Of the content as it was written; nil where nobody asked for checksums.
    var adler32: UInt32?

    /// What a store says of a file.
    struct Remote: Equatable {
        var size: UInt64
        var modified: Int64
        var checksum: Checksum?

        /// Whether a file of which the store says `now` is the one of which it said this.
        func isStill(_ now: Remote, by check: FileCache.Check) -> Bool {
            guard size == now.size else { return false }
            switch check {
            case .size: return true
            case .mtime: return isOfTheTime(of: now)
            case .checksum: return now.checksum.map { $0 == checksum } ?? isOfTheTime(of: now)
            }
        }

        /// A store that tells no time (0) says nothing of whether the file is still the same.
        private func isOfTheTime(of now: Remote) -> Bool { modified != 0 && modified == now.modified }
    }

    func isOf(_ content: FileFacts) -> Bool {
        content.isRegular && content.isOurs && content.inode == inode && content.modified == written
            && content.size == remote.size
    }

    // MARK: as a file

    /// No note is longer; what is, is none of ours.
    static let longest = 4096

    var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        for (name, value) in [
            ("size", remote.size), ("modified", UInt64(bitPattern: remote.modified)), ("inode", inode),
            ("written", UInt64(bitPattern: written)),
        ] {
            writer.name(name)
            writer.string(String(value))  // JSON's integers here end at 2^63
        }
        if let checksum = remote.checksum {
            writer.name(literal: "checksum")
            writer.string("\(checksum.algorithm):\(checksum.digest)")
        }
        if let adler32 {
            writer.name(literal: "adler32")
            writer.string(String(adler32))
        }
        writer.endObject()
        return writer.bytes
    }

    init(remote: Remote, inode: UInt64, written: Int64, adler32: UInt32?) {
        self.remote = remote
        self.inode = inode
        self.written = written
        self.adler32 = adler32
    }

    /// nil for what no cache has written.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes) else { return nil }
        func number(_ name: String) -> UInt64? { json[name]?.string.flatMap { UInt64($0) } }
        guard let size = number("size"), let modified = number("modified"), let inode = number("inode"),
            let written = number("written")
        else { return nil }
        remote = Remote(size: size, modified: Int64(bitPattern: modified))
        if let text = json["checksum"]?.string, let colon = text.lastIndex(of: ":") {
            remote.checksum = Checksum(
                algorithm: String(text[..<colon]), digest: String(text[text.index(after: colon)...]))
        }
        self.inode = inode
        self.written = Int64(bitPattern: written)
        adler32 = number("adler32").flatMap { UInt32(exactly: $0) }
    }
}
